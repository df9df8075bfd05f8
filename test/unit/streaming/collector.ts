import { createHash } from "node:crypto";
import { Writable } from "node:stream";

/** A sink that counts, hashes and keeps the start of what it gets. */
export function collector() {
  const hash = createHash("sha256");
  let size = 0;
  let text = "";
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      if (text.length < 1000) text += chunk.toString("utf8");
      done();
    },
  });
  return { sink, size: () => size, text: () => text, digest: () => hash.copy().digest("hex") };
}
