import { Readable } from "node:stream";
import type { InputStream } from "../cli/context.ts";

/** What a command gets whose stdin is somebody else's to read. */
export function emptyInput(): InputStream {
  return {
    isTty: false,
    fd: undefined,
    stream: () => Readable.from([]),
    enterRawMode: () => () => {},
  };
}
