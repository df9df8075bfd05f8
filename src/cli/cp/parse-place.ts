import { StatusError } from "../../errors/status-error.ts";

/** One side of a copy. */
export type Place =
  | { readonly kind: "stream" }
  | { readonly kind: "host"; readonly path: string }
  | { readonly kind: "container"; readonly container: string; readonly path: string };

/**
 * `-` is a tar archive on stdin or stdout, CONTAINER:PATH a path in a container, everything else a
 * path of this host; one that has a colon in it is written with a slash or a dot in front.
 */
export function parsePlace(word: string): Place {
  if (word === "-") return { kind: "stream" };
  const colon = word.indexOf(":");
  if (colon === -1 || /^[./]/.test(word)) return { kind: "host", path: word };
  const container = word.slice(0, colon);
  const path = word.slice(colon + 1);
  if (container === "" || path === "") {
    throw new StatusError("InvalidArgument", `"${word}" is not CONTAINER:PATH`, {
      hint: "a file of this host with a colon in its name is written as ./NAME",
    });
  }
  return { kind: "container", container, path };
}

/** What is copied: an entry of a directory, or what lies in a directory. */
export interface SourcePath {
  /** Of the directory that has the entry, or that is meant itself. */
  readonly directory: string;
  /** Undefined for the content of the directory: `dir/.`, `/`. */
  readonly name: string | undefined;
  /** A slash at the end: it must be a directory, and a link to one is followed. */
  readonly isDirectory: boolean;
}

export function splitSource(path: string): SourcePath {
  const isDirectory = /\/\.?$/.test(path) || path === ".";
  const trimmed = path.replace(/\/+$/, "");
  const name = trimmed.slice(trimmed.lastIndexOf("/") + 1);
  const isContent = name === "" || name === "." || name === "..";
  if (isContent) return { directory: trimmed === "" ? "/" : trimmed, name: undefined, isDirectory };
  const directory = trimmed.slice(0, -name.length);
  return { directory: directory === "" ? "." : directory, name, isDirectory };
}

/** Names of archives and handles are latin1, one character per byte. */
export function toLatin(text: string): string {
  return Buffer.from(text).toString("latin1");
}

export function fromLatin(latin: string): string {
  return Buffer.from(latin, "latin1").toString();
}
