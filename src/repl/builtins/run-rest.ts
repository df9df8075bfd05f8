import type { Session } from "../../cli/context.ts";
import { runAliasOrWords } from "../language/run-alias.ts";
import type { Shell } from "../shell.ts";

/** What follows `time` or `watch`: a command, or a whole line as one quoted word. */
export async function runRest(
  words: readonly string[],
  session: Session,
  shell: Shell,
): Promise<number> {
  const [only, another] = words;
  if (only !== undefined && another === undefined && /[\s|;&<>!$]/.test(only)) {
    return (await shell.runLine(only, session)).status;
  }
  return await runAliasOrWords(words, session, shell);
}
