import { existsSync } from "node:fs";

/**
 * Opens a database for those who only look, without a file made beside it: while nobody is connected
 * there is no write-ahead log, and even a reader would make one. Then the file is read as one that
 * does not change, which holds but for the moment in which somebody connects and writes.
 */
export function readOnlyUrl(file: string): URL {
  return existsSync(`${file}-wal`) ? toUrl(file, "mode=ro") : unchangingUrl(file);
}

/** Reads the file as one that does not change: no lock is taken and no other file looked for. */
export function unchangingUrl(file: string): URL {
  return toUrl(file, "mode=ro&immutable=1");
}

/** The file is an absolute path. Not through node:url, which takes Bun half a millisecond to load. */
function toUrl(file: string, query: string): URL {
  const path = encodeURI(file).replaceAll("?", "%3F").replaceAll("#", "%23");
  return new URL(`file://${path}?${query}`);
}
