import type { YAMLParseError } from "yaml";

/** What is wrong with a file that is no YAML, and what to do where that is certain. */
export function describeBrokenYaml(
  error: YAMLParseError,
  source: string,
): { message: string; hint?: string } {
  const message = error.message.split("\n")[0]?.replace(/ at line .*$/, "") ?? "";
  const rest = source.slice(error.pos[0]).split("\n", 1)[0] ?? "";
  const value = /^[\w./:-]*:(?=\s*$)/.exec(rest)?.[0];
  if (error.code !== "BLOCK_AS_IMPLICIT_KEY" || value === undefined) return { message };
  return { message, hint: `a value that ends in a colon wants quotes: "${value}"` };
}
