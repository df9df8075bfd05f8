import { describe } from "../../errors/describe.ts";
import { StatusError } from "../../errors/status-error.ts";
import { toCancelled } from "../../host/sleep.ts";
import { renderJson } from "../../output/json.ts";
import { inspectNode } from "../../runtime/index.ts";
import type { Context } from "../context.ts";
import { embeddedPlaces } from "../embedded-places.ts";
import { collectConfiguration } from "./collect-configuration.ts";
import { collectDatabase } from "./collect-database.ts";
import { collectDoctor } from "./collect-doctor.ts";
import { collectLogs } from "./collect-logs.ts";
import { collectNode } from "./collect-node.ts";
import { collectState } from "./collect-state.ts";
import { collectVersions } from "./collect-versions.ts";
import type { Collection, Part } from "./collection.ts";
import type { ArchiveFile } from "./make-archive.ts";
import { createRedactor } from "./redactor.ts";

const PARTS: readonly Part[] = [
  { name: "versions", collect: collectVersions },
  { name: "doctor", collect: collectDoctor },
  { name: "configuration", collect: collectConfiguration },
  { name: "database", collect: collectDatabase },
  { name: "node", collect: collectNode },
  { name: "logs", collect: collectLogs },
];
/** After the others: opening the embedded runtime finishes what the database part tells of. */
const STATE: Part = { name: "state", collect: collectState };

const PART_MS = 20_000;
const LARGEST_FILE = 4 * 1024 * 1024;

export interface BundleContents {
  readonly files: readonly ArchiveFile[];
  /** What could not be collected; also in errors.txt. */
  readonly errors: readonly string[];
}

/** Collects every part. Rejects only when the command is interrupted. */
export async function collectBundle(
  context: Context,
  options: {
    readonly logLines: number;
    readonly parts?: readonly Part[];
    readonly partMs?: number;
  },
): Promise<BundleContents> {
  const redactor = createRedactor();
  const files = new Map<string, string>();
  const errors: string[] = [];
  const ended = new AbortController();
  const note = (what: string, error: unknown) => {
    const { message, hint } = describe(error);
    errors.push(`${what}: ${message}${hint === undefined ? "" : ` (${hint})`}`);
  };
  const collection: Collection = {
    context,
    redactor,
    node: await inspectNode(embeddedPlaces(context.env)),
    signal: AbortSignal.any([context.signal, ended.signal]),
    logLines: options.logLines,
    addData: (name, value) => files.set(name, renderJson(redactor.value(value))),
    addText: (name, text) => files.set(name, redactor.text(text)),
    note,
  };
  const partMs = options.partMs ?? PART_MS;
  try {
    const parts = options.parts ?? PARTS;
    await Promise.all(parts.map((part) => collectPart(part, collection, partMs)));
    if (options.parts === undefined) await collectPart(STATE, collection, partMs);
  } finally {
    ended.abort();
  }
  if (errors.length > 0) files.set("errors.txt", `${errors.sort().join("\n")}\n`);
  files.set("README.txt", readme([...files.keys()].sort(), options.logLines));
  return {
    errors,
    files: [...files]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, text]) => ({ name, data: toData(redactor.finish(text)) })),
  };
}

async function collectPart(part: Part, collection: Collection, partMs: number): Promise<void> {
  const { signal, note } = collection;
  const late = Promise.withResolvers<void>();
  const interrupt = collection.context.signal;
  const onAbort = () => late.reject(toCancelled(interrupt, interrupt.reason));
  interrupt.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => {
    const text = `it took longer than ${partMs / 1000} s and was given up`;
    late.reject(new StatusError("DeadlineExceeded", text));
  }, partMs);
  try {
    await Promise.race([part.collect(collection), late.promise]);
  } catch (error) {
    if (interrupt.aborted) throw error;
    if (!signal.aborted) note(part.name, error);
  } finally {
    clearTimeout(timer);
    interrupt.removeEventListener("abort", onAbort);
  }
}

function toData(text: string): Buffer {
  const data = Buffer.from(text);
  if (data.length <= LARGEST_FILE) return data;
  return Buffer.concat([data.subarray(0, LARGEST_FILE), Buffer.from("\n… cut here\n")]);
}

function readme(names: readonly string[], logLines: number): string {
  const logs =
    logLines > 0
      ? `The last ${logLines} lines of each container's log are in it, as the programs wrote them: look\nthrough them before you pass the bundle on.\n`
      : "Logs of containers are not in it (crish bundle --with-logs adds them).\n";
  return `What crish found on this node, for a report of a fault.

Values of environment variables, credentials, tokens, and what is named or looks like one of these are
replaced by <redacted>. Names of pods, containers, images, hosts and files, addresses, labels and
arguments are there. ${logs}What could not be collected stands in errors.txt, where there is one.

${names.map((name) => `${name}\n`).join("")}`;
}
