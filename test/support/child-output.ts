import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";

/** The digest and length of all that a child writes to its standard output. */
export async function digestOutput(
  child: ChildProcess,
): Promise<{ sha256: string; sizeBytes: number; status: number | null; stderr: string }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    hash.update(chunk);
    sizeBytes += chunk.length;
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  const [status] = await once(child, "close");
  return { sha256: hash.digest("hex"), sizeBytes, status, stderr };
}

/** Collects a child's standard output; `waitFor` resolves when it matches. */
export function watchOutput(child: ChildProcess): {
  text(): string;
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<string>;
} {
  let text = "";
  let changed = (): void => {};
  const add = (chunk: Buffer): void => {
    text += chunk.toString("utf8");
    changed();
  };
  child.stdout?.on("data", add);
  child.stderr?.on("data", add);
  child.on("close", () => changed());
  return {
    text: () => text,
    waitFor(pattern, timeoutMs = 15_000) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`no ${pattern} after ${timeoutMs} ms in: ${text.slice(-2000)}`)),
          timeoutMs,
        );
        changed = () => {
          const found = pattern.exec(text);
          if (found === null) return;
          clearTimeout(timer);
          resolve(found[0]);
        };
        changed();
      });
    },
  };
}
