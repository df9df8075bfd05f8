import { StatusError } from "../errors/status-error.ts";
import type { Context } from "./context.ts";

/** All of stdin, or a little more than so many bytes of it. Rejects with Cancelled at Ctrl-C. */
export async function readStdin(
  { stdin, signal }: Pick<Context, "stdin" | "signal">,
  mostBytes: number,
): Promise<Buffer> {
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  const onAbort = () => aborted.reject(new StatusError("Cancelled", "interrupted"));
  signal.addEventListener("abort", onAbort);
  const chunks: Buffer[] = [];
  let size = 0;
  const reading = stdin.stream().iterator({ destroyOnReturn: false });
  try {
    while (size <= mostBytes) {
      const { done, value } = await Promise.race([reading.next(), aborted.promise]);
      if (done === true) break;
      const chunk = Buffer.from(value);
      chunks.push(chunk);
      size += chunk.length;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    stdin.stream().pause();
  }
  return Buffer.concat(chunks);
}
