import type { TableStyle } from "../output/table.ts";
import type { CommandInput } from "./command.ts";
import type { Context } from "./context.ts";

/** How tables look on the command's stdout; --no-trunc shows every cell whole. */
export function tableStyle({ stdout }: Context, flags: CommandInput["flags"] = {}): TableStyle {
  const { isTty, color } = stdout;
  return { isTty, color, width: stdout.columns(), isWhole: flags["no-trunc"] === true };
}
