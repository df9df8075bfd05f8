import { createHash, type Hash } from "node:crypto";
import type { StreamIo } from "../../../src/cri/backend.ts";

type Channel = "stdout" | "stderr";

/** What an exec without streams writes: all of it counted and hashed, its start kept. */
export function outputRecord(pause: (channel: Channel) => Promise<void> = async () => {}) {
  const parts: Record<Channel, { hash: Hash; size: number; text: string }> = {
    stdout: { hash: createHash("sha256"), size: 0, text: "" },
    stderr: { hash: createHash("sha256"), size: 0, text: "" },
  };
  const write: NonNullable<StreamIo["write"]> = async (channel, bytes) => {
    const part = parts[channel];
    part.hash.update(bytes);
    part.size += bytes.length;
    if (part.text.length < 1000) part.text += Buffer.from(bytes).toString();
    await pause(channel);
  };
  return {
    write,
    text: (channel: Channel) => parts[channel].text,
    size: (channel: Channel) => parts[channel].size,
    digest: (channel: Channel) => parts[channel].hash.copy().digest("hex"),
  };
}
