import { describe } from "../../errors/describe.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";

/**
 * The status of a program that could not be started: 127 where it is not there, 126 where it cannot
 * run; undefined where the failure was another. Runtimes tell this in the text of their error alone.
 */
export function startFailureStatus(error: unknown): number | undefined {
  if (!(error instanceof StatusError) || error.code === "Cancelled") return undefined;
  const { message } = describe(error);
  // The OCI runtime's words: `exec: "prog": executable file not found in $PATH`.
  if (!/\bexec\b/.test(message)) return undefined;
  if (
    /executable file not found|exec[^:]*: [^:]*: (stat [^:]*: )?no such file or directory/.test(
      message,
    )
  ) {
    return EXIT.noSuchProgram;
  }
  if (/permission denied|exec format error|is a directory|not a directory/.test(message)) {
    return EXIT.notExecutable;
  }
  return undefined;
}
