/** How a zlib stream of headers begins, as Latin-1: deflate, a 32 KiB window, SPDY's dictionary (RFC 1950). */
export const ZLIB_START = "\x78\xbb\xe3\xc6\xa7\xc2";
/** An empty stored block: what Z_SYNC_FLUSH ends with, and what Go's reader waits for. */
export const SYNC_FLUSH = "\x00\x00\x00\xff\xff";
