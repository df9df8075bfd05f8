import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

/**
 * Opens a database for those who only look, without a file made beside it: while nobody is connected
 * there is no write-ahead log, and even a reader would make one. Then the file is read as one that
 * does not change, which holds but for the moment in which somebody connects and writes.
 */
export function readOnlyUrl(file: string): URL {
  const url = pathToFileURL(file);
  url.search = existsSync(`${file}-wal`) ? "?mode=ro" : "?mode=ro&immutable=1";
  return url;
}
