import { StatusError } from "../../errors/status-error.ts";
import { escapeControl } from "../../output/escape-control.ts";
import type { OutputStream } from "../context.ts";
import { fromLatin } from "./parse-place.ts";

/** Told of what of a tree is not copied as it is; names are those in the archive. */
export interface LossListener {
  /** Of what an archive of files cannot hold: devices, sockets, pipes; or why it cannot be read. */
  onSkip(name: string, why?: string): void;
  /** Of a file that had fewer bytes than it said when its turn came: zeros stand for the rest. */
  onShrink(name: string): void;
}

export interface Losses extends LossListener {
  /** Throws where the source itself was left out, or a file is not whole. */
  throwIfAny(): void;
}

/** What is left out inside a tree is told on stderr; `isSource` knows the name of the source itself. */
export function createLosses(
  stderr: OutputStream,
  { word, isSource }: { readonly word: string; isSource(name: string): boolean },
): Losses {
  const tell = (line: string) => void stderr.write(`${line}\n`);
  let failure: StatusError | undefined;
  return {
    onSkip(name, why = "is no file or directory") {
      if (!isSource(fromLatin(name)))
        return tell(`left out: ${escapeControl(fromLatin(name))} ${why}`);
      failure = new StatusError("FailedPrecondition", `"${word}" ${why}`);
    },
    onShrink(name) {
      tell(`not whole: ${escapeControl(fromLatin(name))} became shorter while it was read`);
      failure ??= new StatusError("Aborted", `"${word}" changed while it was read`);
    },
    throwIfAny() {
      if (failure !== undefined) throw failure;
    },
  };
}
