import { constants, open } from "node:fs/promises";
import { StatusError } from "../../errors/status-error.ts";
import { findExecutable } from "../../host/find-executable.ts";
import { runProcess } from "../../host/run-process.ts";
import type { Collection } from "./collection.ts";

const PROGRAM_MS = 5_000;
const KERNEL_LINES = 300;
const JOURNAL_LINES = 500;
/** Of the end of a log file. */
const TAIL_BYTES = 256 * 1024;
const TELLING =
  /oom|out of memory|killed process|overlay|bridge|veth|conmon|runc|crish|segfault|i\/o error|hung task/i;

/** What the kernel and the journal have of late; containers' own logs come with their state. */
export async function collectLogs(collection: Collection): Promise<void> {
  await Promise.all([addKernelLog(collection), addJournal(collection)]);
}

async function addKernelLog(collection: Collection): Promise<void> {
  const output = await outputOf(collection, "dmesg", ["--time-format=iso"]);
  if (output === undefined) return;
  const telling = output.split("\n").filter((line) => TELLING.test(line));
  collection.addText("logs/kernel.txt", `${telling.slice(-KERNEL_LINES).join("\n")}\n`);
}

/** Of units of crish: `serve` writes to its stderr, and systemd keeps that. */
async function addJournal(collection: Collection): Promise<void> {
  if (findExecutable("journalctl", collection.context.env.PATH ?? "") === undefined) return;
  const args = ["--no-pager", "--quiet", "--lines", String(JOURNAL_LINES), "--unit", "crish*"];
  const output = await outputOf(collection, "journalctl", args);
  if (output !== undefined) collection.addText("logs/journal.txt", output);
}

/** The end of a container's log, where it was asked for. Only of a plain file, as nothing else ends. */
export async function addContainerLogs(
  { logLines, addText }: Collection,
  name: string,
  path: string,
): Promise<void> {
  if (logLines === 0 || path === "") return;
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new StatusError("FailedPrecondition", `"${path}" is no plain file`);
    const { size } = stat;
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const lines = buffer.subarray(0, bytesRead).toString("utf8").trimEnd().split("\n");
    addText(`logs/containers/${name}.txt`, `${lines.slice(-logLines).join("\n")}\n`);
  } finally {
    await file.close();
  }
}

async function outputOf(
  { signal, note }: Collection,
  program: string,
  args: readonly string[],
): Promise<string | undefined> {
  try {
    const result = await runProcess(program, args, { signal, timeoutMs: PROGRAM_MS });
    if (result.exitCode === 0) return result.stdout.toString();
    const reason = result.stderr.toString().trim() || `status ${result.exitCode}`;
    // A journal without such a unit, or no journal at all.
    if (!/No data available|No journal files/.test(reason)) note(`logs ${program}`, reason);
  } catch (error) {
    note(`logs ${program}`, error);
  }
  return undefined;
}
