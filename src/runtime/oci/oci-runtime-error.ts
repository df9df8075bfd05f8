import { type StatusCode, StatusError } from "../../errors/status-error.ts";

/** What the OCI runtime refused, in its own words. */
export class OciRuntimeError extends StatusError {
  /** 127 where the program does not exist, 126 where it cannot be executed; else undefined. */
  readonly exitCode: number | undefined;

  constructor(code: StatusCode, message: string, exitCode: number | undefined) {
    super(code, message);
    this.name = "OciRuntimeError";
    this.exitCode = exitCode;
  }
}

/** The error behind runc's log (`--log-format json`, the last line of level error) or its stderr. */
export function parseRuntimeError(action: string, text: string): OciRuntimeError {
  const reason = lastError(text);
  const exitCode = exitCodeOf(reason);
  const code =
    exitCode === 127 ? "NotFound" : exitCode === 126 ? "PermissionDenied" : codeOf(reason);
  return new OciRuntimeError(
    code,
    `${action}: ${reason || "the OCI runtime gave no reason"}`,
    exitCode,
  );
}

function lastError(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  for (const line of lines.toReversed()) {
    const entry = parseEntry(line);
    if (entry === undefined) continue;
    if (entry.level === "error" || entry.level === "fatal") return entry.msg;
  }
  const plain = lines.findLast((line) => !line.trimStart().startsWith("{")) ?? "";
  return plain.trim();
}

function parseEntry(line: string): { level: string; msg: string } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null) return undefined;
    const { level, msg } = value as { level?: unknown; msg?: unknown };
    return typeof level === "string" && typeof msg === "string" ? { level, msg } : undefined;
  } catch {
    return undefined;
  }
}

/** runc tells the reason in words only. The program's own name stands between `exec: "` and `":`. */
function exitCodeOf(reason: string): number | undefined {
  if (!/unable to start container process|exec failed|starting container process/.test(reason)) {
    return undefined;
  }
  const ofProgram = /exec: ?"|exec \/|chdir|stat \//.test(reason);
  if (!ofProgram || /chdir to cwd/.test(reason)) return undefined;
  if (/executable file not found|no such file or directory/.test(reason)) return 127;
  if (/permission denied|is a directory|exec format error/.test(reason)) return 126;
  return undefined;
}

function codeOf(reason: string): StatusCode {
  if (/container does not exist|container .* does not exist/.test(reason)) return "NotFound";
  if (/not running|stopped container|container .*stopped/.test(reason)) return "FailedPrecondition";
  return "Unknown";
}
