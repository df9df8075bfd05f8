import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { ACT_PROBES } from "../../support/crictl/act-probes.ts";
import { LIST_PROBES } from "../../support/crictl/list-probes.ts";
import type { Probe, Probes } from "../../support/crictl/probe.ts";
import { createWorld, type World } from "../../support/crictl/world.ts";
import { crishOk } from "../../support/crish.ts";

/** crictl's commands and flags, as observed of it: test/fixtures/crictl/commands.json. */
interface CrictlCommand {
  readonly command: string;
  readonly flags: readonly { readonly name: string }[];
}

const commands = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../fixtures/crictl/commands.json"), "utf8"),
) as readonly CrictlCommand[];

const cases = commands.flatMap(({ command, flags }) =>
  flags
    .filter(({ name }) => name !== "--help")
    .map(({ name }) => ({ command, flag: name, probe: probeOf(command, name) })),
);

/** What they leave is nothing: they come last, in this order. */
const LAST = ["stop --all", "rm --all", "rmp --all", "rmi --all"];

/** Those that count what there is come before those that make more and use more images. */
function place({ command, flag, probe }: (typeof cases)[number]): number {
  if (probe === LIST_PROBES[command]?.[flag]) return -3;
  if (command === "rmi" && flag === "--prune") return -2;
  return LAST.indexOf(`${command} ${flag}`);
}

function probeOf(command: string, flag: string): Probe | undefined {
  return ACT_PROBES[command]?.[flag] ?? LIST_PROBES[command]?.[flag];
}

/** Command and flag of each of the probes. */
function namesOf(probes: Readonly<Record<string, Probes>>): readonly string[] {
  return Object.entries(probes).flatMap(([command, flags]) =>
    Object.keys(flags).map((flag) => `${command} ${flag}`),
  );
}

/** Each of crictl's flags does what it means, as typed, on a real runtime. */
function describeFlags(
  name: CliTarget["name"],
  open: (cleanup: Cleanup) => Promise<CliTarget>,
): void {
  describe(`crictl's flags on ${name}`, () => {
    const cleanup = cleanupAfter();
    let world: World;

    before(async () => {
      world = await createWorld(cleanup, await open(cleanup));
    });

    for (const { command, flag, probe } of cases.toSorted((a, b) => place(a) - place(b))) {
      it(`${command} ${flag}`, () => probe?.(world));
    }
  });
}

describe("the probes of crictl's flags", () => {
  it("are one for each flag, and none of another", () => {
    const lacking = cases.filter(({ probe }) => probe === undefined);
    assert.deepEqual(
      lacking.map(({ command, flag }) => `${command} ${flag}`),
      [],
    );
    const known = new Set(cases.map(({ command, flag }) => `${command} ${flag}`));
    const probed = [ACT_PROBES, LIST_PROBES].flatMap(namesOf);
    assert.deepEqual(
      probed.filter((name) => !known.has(name)),
      [],
      "no longer a flag of crictl's",
    );
    assert.deepEqual(
      probed.filter((name, index) => probed.indexOf(name) !== index),
      [],
      "probed twice, of which one is never run",
    );
  });
});

describe("--help of crictl's commands", () => {
  for (const { command, flags } of commands.filter(({ flags: [first] }) => first !== undefined)) {
    it(command, async () => {
      assert.ok(flags.some(({ name }) => name === "--help"));
      const words = command === "(global)" ? [] : command.split(" ");
      assert.match((await crishOk([...words, "--help"])).stdout, /^USAGE$/m);
    });
  }
});

describeFlags("embedded", embeddedCli);
describeFlags("containerd", containerdCli);
