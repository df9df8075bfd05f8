/** What was typed wrong. */
export class UsageError extends Error {}

/** What `read` makes of the command line; where that is wrong, one line says so and the status is 2. */
export function readArguments<Wanted>(read: () => Wanted): Wanted {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error) || !isUsage(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

function isUsage(error: Error): boolean {
  if (error instanceof UsageError) return true;
  return "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}
