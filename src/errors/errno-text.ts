/** What the system's own error codes mean, in words for people. */
export const ERRNO_TEXT: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "it is a directory",
  ENOTDIR: "part of the path is not a directory",
  EROFS: "the file system is read-only",
  ELOOP: "too many links",
  EBUSY: "it is in use",
  ENAMETOOLONG: "the name is too long",
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than is allowed",
  ECONNREFUSED: "connection refused",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  ETIMEDOUT: "timed out",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the name could not be resolved now",
  ENOTSOCK: "not a socket",
  ECONNRESET: "connection reset",
  EPIPE: "connection closed",
};

/** Why the system refused: in words where the code is known, else as it says so itself. */
export function errnoText(error: unknown): string {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return ERRNO_TEXT[code ?? ""] ?? (error instanceof Error ? error.message : String(error));
}
