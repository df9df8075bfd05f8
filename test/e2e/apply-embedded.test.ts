import { describe } from "node:test";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { embeddedCli } from "../support/cli-target.ts";
import { describeApply } from "./describe-apply.ts";

describe("apply on the embedded runtime", () => {
  const cleanup = cleanupAfter();
  describeApply(cleanup, async () => {
    const cli = await embeddedCli(cleanup);
    const { root, state } = cli.root;
    return { cli, root, state, leaks: () => cli.root.leaks() };
  });
});
