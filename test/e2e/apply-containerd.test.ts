import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe } from "node:test";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type CliTarget, containerdCli } from "../support/cli-target.ts";
import { findLeaks } from "../support/leak-check.ts";
import { mountsBelow } from "../support/mounts.ts";
import { describeApply } from "./describe-apply.ts";

describe("apply on containerd", () => {
  const cleanup = cleanupAfter();
  describeApply(cleanup, async () => {
    const target = await containerdCli(cleanup);
    const root = join(target.directory, "crish-root");
    const state = join(target.directory, "crish-state");
    const env = { CRISH_ROOT: root, CRISH_STATE: state };
    const crish: CliTarget["crish"] = (args, options = {}) =>
      target.crish(args, { ...options, env: { ...env, ...options.env } });
    const out: CliTarget["out"] = (args, options = {}) =>
      target.out(args, { ...options, env: { ...env, ...options.env } });
    const cli = { ...target, env: { ...target.env, ...env }, crish, out };
    const { directory, bridge } = target.containerd;
    const mountsBefore = await mountsBelow(directory);
    const network = bridge;
    return {
      cli,
      root,
      state,
      async leaks() {
        const scope = { root, state, network, bridge, cgroupParent: "/no-such-parent" };
        const mounts = (await mountsBelow(directory)).filter((at) => !mountsBefore.includes(at));
        const containers = await target.containerd.ctr("containers", "ls", "-q");
        const addresses = await readdir(join(directory, "addresses", network)).catch(() => []);
        return [
          ...(await findLeaks(scope)),
          ...mounts.map((at) => `mount ${at}`),
          ...containers.split("\n").filter(Boolean),
          ...addresses.filter((name) => /^\d/.test(name)),
        ];
      },
    };
  });
});
