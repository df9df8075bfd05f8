import assert from "node:assert/strict";
import { readFile, rename } from "node:fs/promises";
import { waitUntil } from "../../support/wait-until.ts";
import { contractCase } from "../contract-case.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);
const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|[+-]\d\d:\d\d)`;

export const logCases = [
  contractCase(
    "startContainer",
    [],
    "stdout and stderr are written in the CRI log format",
    async (world) => {
      const pod = await world.runPod();
      const { log } = await world.runToEnd(pod, "echo hello out; echo hello err >&2");
      const lines = log.trimEnd().split("\n").sort();
      assert.equal(lines.length, 2);
      assert.ok(
        lines.some((line) => new RegExp(`^${TIME} stdout F hello out$`).test(line)),
        log,
      );
      assert.ok(
        lines.some((line) => new RegExp(`^${TIME} stderr F hello err$`).test(line)),
        log,
      );
    },
  ),
  contractCase(
    "startContainer",
    [],
    "a long line is logged in parts that give it back whole",
    async (world) => {
      const pod = await world.runPod();
      const script = "head -c 100000 /dev/zero | tr '\\0' x; echo";
      const { log, text } = await world.runToEnd(pod, script);
      assert.equal(text, `${"x".repeat(100_000)}\n`);
      const tags = Array.from(log.matchAll(/^\S+ stdout ([PF])/gm), ([, tag]) => tag).join("");
      assert.match(tags, /^P+F$/);
    },
  ),
  contractCase(
    "startContainer",
    [],
    "what is written without a newline is in the log",
    async (world) => {
      const pod = await world.runPod();
      const { log } = await world.runToEnd(pod, "printf unfinished");
      assert.match(log, / stdout [PF] unfinished\n?$/);
    },
  ),
  contractCase(
    "reopenContainerLog",
    ["success"],
    "after a rename there is a new file at once, and the old grows no more",
    async (world) => {
      const pod = await world.runPod();
      const command = ["sh", "-c", "while :; do echo tick; sleep 0.1; done"];
      const id = await world.runContainer(pod, { command });
      const { logPath } = await world.containerStatus(id);
      await waitUntil("it logs", async () => (await readFile(logPath, "utf8")).includes("tick"));
      await rename(logPath, `${logPath}.1`);
      await world.runtime.reopenContainerLog({ containerId: id });
      await readFile(logPath);
      await waitUntil("it logs there", async () =>
        (await readFile(logPath, "utf8")).includes("tick"),
      );
      const old = await readFile(`${logPath}.1`, "utf8");
      const size = (await readFile(logPath)).length;
      await waitUntil("it goes on", async () => (await readFile(logPath)).length > size);
      assert.equal(await readFile(`${logPath}.1`, "utf8"), old);
    },
  ),
  contractCase(
    "reopenContainerLog",
    ["repetition"],
    "without a rename nothing that was logged is lost",
    async (world) => {
      const pod = await world.runPod();
      const command = ["sh", "-c", "echo early; sleep 1000"];
      const id = await world.runContainer(pod, { command });
      const { logPath } = await world.containerStatus(id);
      await waitUntil("it logs", async () => (await readFile(logPath, "utf8")).includes("early"));
      await world.runtime.reopenContainerLog({ containerId: id });
      await world.runtime.reopenContainerLog({ containerId: id });
      assert.match(await readFile(logPath, "utf8"), /early/);
    },
  ),
  contractCase(
    "reopenContainerLog",
    [],
    "a container that does not run is refused",
    async (world) => {
      const pod = await world.runPod();
      const id = await world.createContainer(pod);
      const call = world.runtime.reopenContainerLog({ containerId: id });
      await world.refuses(call, "FailedPrecondition");
    },
  ),
  contractCase(
    "reopenContainerLog",
    ["unknown"],
    "an unknown container is not found",
    async (world) => {
      const call = world.runtime.reopenContainerLog({ containerId: UNKNOWN_ID });
      await world.refuses(call, "NotFound");
    },
  ),
  contractCase("reopenContainerLog", ["invalid"], "an empty ID is refused", async (world) => {
    const call = world.runtime.reopenContainerLog({ containerId: "" });
    await world.refuses(call, "InvalidArgument", "NotFound");
  }),
];
