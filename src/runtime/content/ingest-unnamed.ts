import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { BlobSink } from "../../images/read-archive.ts";
import type { Engine } from "../engine.ts";
import { blobDirectory, blobPath, ingestDirectory } from "./blob-path.ts";
import { findBlob } from "./find-blob.ts";
import { throwWriteError } from "./throw-write-error.ts";

/**
 * A blob whose digest only its end tells. `owner` names who writes it: `removeUnnamedIngests` finds by
 * it what a dead one has left.
 */
export async function openUnnamedIngest(engine: Engine, owner: string): Promise<BlobSink> {
  const directory = ingestDirectory(engine.paths);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await mkdir(blobDirectory(engine.paths), { recursive: true, mode: 0o700 });
  const path = join(directory, `${owner}.${Math.random().toString(36).slice(2)}`);
  const hash = createHash("sha256");
  let file: FileHandle | undefined = await open(path, "wx", 0o600).catch(throwWriteError);
  let sizeBytes = 0;
  const describe = () => ({ digest: `sha256:${hash.copy().digest("hex")}`, sizeBytes });
  const discard = async () => {
    await file?.close();
    if (file !== undefined) await rm(path, { force: true });
    file = undefined;
  };
  return {
    async write(piece) {
      await file?.writeFile(piece).catch(throwWriteError);
      hash.update(piece);
      sizeBytes += piece.length;
    },
    describe,
    async commit(signal) {
      const { digest } = describe();
      await engine.locks.withLock(`blob:${digest}`, { signal }, async () => {
        if ((await findBlob(engine, digest)) !== undefined) return await discard();
        await file?.close();
        file = undefined;
        await rename(path, blobPath(engine.paths, digest)).catch(throwWriteError);
        await engine.database.write((db) =>
          db
            .prepare("INSERT OR REPLACE INTO blobs VALUES (?, ?, ?)")
            .run(digest, sizeBytes, Date.now()),
        );
      });
    },
    discard,
  };
}

export async function removeUnnamedIngests(engine: Engine, owner: string): Promise<void> {
  const directory = ingestDirectory(engine.paths);
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(`${owner}.`))) {
    await rm(join(directory, name), { force: true });
  }
}
