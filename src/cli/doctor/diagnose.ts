import { inspectNode } from "../../runtime/index.ts";
import type { Context } from "../context.ts";
import type { EmbeddedPlaces } from "../embedded-places.ts";
import { openDoctor } from "./open-doctor.ts";
import { type DoctorReport, runChecks } from "./run-checks.ts";

/** What `doctor` prints and `bundle` packs. */
export async function diagnose(
  context: Context,
  options: {
    readonly ids: readonly string[];
    readonly registries: readonly string[];
    readonly places: EmbeddedPlaces;
  },
): Promise<DoctorReport> {
  const { settings, env, session } = context;
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  try {
    const doctor = openDoctor({
      node: await inspectNode(options.places),
      settings,
      env,
      flags: session.globalFlags,
      registries: options.registries,
      signal,
    });
    return await runChecks(doctor, { ids: options.ids, signal });
  } finally {
    // What a check has left under way must not keep the process.
    ended.abort();
  }
}
