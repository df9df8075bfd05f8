import { DigestMismatchError } from "../../errors/digest-mismatch-error.ts";
import { randomId } from "../../host/random-id.ts";
import { findBlob, hasBlob } from "../content/find-blob.ts";
import type { Engine } from "../engine.ts";
import { beginWherePossible } from "../state/begin-where-possible.ts";
import { collectGarbage, endFailed, type HoldingKind } from "./collect-garbage.ts";

/**
 * Runs the work while nobody collects what it reads or makes: images that are removed meanwhile are
 * collected at its end. It is told the owner that its unnamed ingests are to have, for recovery. A stored blob that turns out to be damaged is forgotten, so that the next pull
 * fetches it anew.
 */
export async function holdContent<T>(
  engine: Engine,
  holding: { kind: HoldingKind; image: string },
  work: (owner: string) => Promise<T>,
): Promise<T> {
  const { kind, image } = holding;
  const intent = { kind, subject: randomId(), detail: { image } };
  if (kind !== "image-save") await engine.intents.begin(intent);
  // To save images elsewhere may be what makes room again.
  else if (!(await beginWherePossible(engine, intent))) return await work(intent.subject);
  try {
    const result = await work(intent.subject);
    await engine.intents.end(intent);
    return result;
  } catch (error) {
    if (error instanceof DigestMismatchError) await forgetIfDamaged(engine, error.expected);
    await endFailed(engine, intent);
    throw error;
  } finally {
    await collectGarbage(engine);
  }
}

async function forgetIfDamaged(engine: Engine, digest: string): Promise<void> {
  if ((await findBlob(engine, digest)) === undefined) return;
  await engine.locks.withLock(`blob:${digest}`, {}, () => hasBlob(engine, digest));
}
