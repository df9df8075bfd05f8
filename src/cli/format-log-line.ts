/** A message of the runtime and its facts, in one line. */
export function formatLogLine(
  message: string,
  facts: Readonly<Record<string, unknown>> = {},
): string {
  const text = JSON.stringify(facts, (_key, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  return text === "{}" ? message : `${message} ${text}`;
}
