import { createHash } from "node:crypto";
import { createMessage } from "../cri/create-message.ts";
import type { MessageExchange } from "../cri/transport.ts";
import { hasCode, StatusError } from "../errors/status-error.ts";
import { sleep } from "../host/sleep.ts";
import type { BlobSink } from "../images/read-archive.ts";
import { type ContainerdClient, decode } from "./containerd-client.ts";
import {
  WriteAction,
  WriteContentRequest,
  type WriteContentResponse,
} from "./gen/containerd/services/content/v1/content.ts";
import { CONTENT } from "./methods.ts";

export interface ContentWriterOptions {
  /** Names the ingest; one writer at a time may have it. */
  readonly ref: string;
  /** Then the content store need not be written where it has the blob. */
  readonly expectedDigest?: string | undefined;
  readonly sizeBytes: number;
}

/** containerd takes 16 MiB in one message by default; larger ones than this gain nothing. */
const MESSAGE_BYTES = 1024 * 1024;
/** Answers that may be outstanding: enough that neither side waits for the other. */
const MOST_UNANSWERED = 8;
const ABORT_ATTEMPTS = 40;
const ABORT_PAUSE_MS = 50;

/**
 * Writes a blob into containerd's content store, under the client's lease: one that is there already
 * is kept by the lease as well, and only hashed. Bytes beyond `sizeBytes` are refused.
 */
export async function openContentWriter(
  client: ContainerdClient,
  options: ContentWriterOptions,
): Promise<ContentWriter> {
  const writer = new ContentWriter(client, options);
  await writer.open();
  return writer;
}

export class ContentWriter implements BlobSink {
  readonly #client: ContainerdClient;
  readonly #options: ContentWriterOptions;
  readonly #hash = createHash("sha256");
  #hashedBytes = 0;
  /** Absent where the store has the blob, and after the end. */
  #stream: MessageExchange | undefined;
  /** Content that another namespace has is at its end at once. */
  #writtenBytes = 0;
  #unanswered = 0;

  constructor(client: ContainerdClient, options: ContentWriterOptions) {
    this.#client = client;
    this.#options = options;
  }

  async open(): Promise<void> {
    this.#stream = this.#client.exchange(CONTENT.write);
    const { expectedDigest: expected = "", sizeBytes } = this.#options;
    try {
      await this.#send({ action: WriteAction.STAT, total: BigInt(sizeBytes), expected });
      const { offset } = await this.#answer();
      this.#writtenBytes = Number(offset);
    } catch (error) {
      if (!hasCode(error, "AlreadyExists")) {
        await this.discard();
        throw error;
      }
      this.#stream = undefined;
    }
  }

  async write(piece: Buffer): Promise<void> {
    this.#hash.update(piece);
    const from = this.#hashedBytes;
    this.#hashedBytes += piece.length;
    if (this.#hashedBytes <= this.#writtenBytes) return;
    for (let at = Math.max(0, this.#writtenBytes - from); at < piece.length; at += MESSAGE_BYTES) {
      await this.#writePart(piece.subarray(at, at + MESSAGE_BYTES));
    }
  }

  describe(): { digest: string; sizeBytes: number } {
    const digest = `sha256:${this.#hash.copy().digest("hex")}`;
    return { digest, sizeBytes: this.#hashedBytes };
  }

  async commit(): Promise<void> {
    if (this.#stream === undefined) return;
    const { digest: expected, sizeBytes } = this.describe();
    try {
      while (this.#unanswered > 0) await this.#answer();
      await this.#send({
        action: WriteAction.COMMIT,
        expected,
        total: BigInt(sizeBytes),
        offset: BigInt(this.#writtenBytes),
      });
      await this.#answer();
    } catch (error) {
      if (!hasCode(error, "AlreadyExists")) throw error;
    }
    this.#stream = undefined;
  }

  async discard(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.#stream = undefined;
    stream.cancel();
    await abortIngest(this.#client, this.#options.ref);
  }

  async #writePart(data: Buffer): Promise<void> {
    if (this.#stream === undefined) return;
    while (this.#unanswered >= MOST_UNANSWERED) await this.#answer();
    const offset = BigInt(this.#writtenBytes);
    await this.#send({ action: WriteAction.WRITE, offset, data });
    this.#writtenBytes += data.length;
  }

  async #send(fields: Partial<WriteContentRequest>): Promise<void> {
    const { ref } = this.#options;
    const message = createMessage(WriteContentRequest, { ref, ...fields });
    this.#unanswered++;
    await this.#stream?.send(WriteContentRequest.encode(message).finish());
  }

  async #answer(): Promise<WriteContentResponse> {
    const bytes = await this.#stream?.receive();
    this.#unanswered--;
    if (bytes !== undefined) return decode(CONTENT.write, bytes);
    throw new StatusError("Internal", "containerd ended the writing of a blob without an answer");
  }
}

/** The ingest's lock is held until containerd has noticed that its writer is gone. */
async function abortIngest(client: ContainerdClient, ref: string): Promise<void> {
  const patient = client.with({ signal: AbortSignal.timeout(ABORT_ATTEMPTS * ABORT_PAUSE_MS) });
  for (let attempt = 0; attempt < ABORT_ATTEMPTS; attempt++) {
    try {
      await patient.call(CONTENT.abort, { ref });
      return;
    } catch (error) {
      // The end of the lease removes what stays, and without a daemon nothing can be done.
      if (!hasCode(error, "Unavailable") || !/locked/.test(error.message)) return;
      await sleep(ABORT_PAUSE_MS);
    }
  }
}
