import { parseDuration } from "../config/parse-duration.ts";
import { StatusError } from "../errors/status-error.ts";
import type { FlagSpec, FlagValue } from "./command.ts";

/** The value of one flag as its type has it. Throws InvalidArgument. */
export function convertFlagValue(flag: FlagSpec, text: string): FlagValue {
  switch (flag.type) {
    case "boolean":
      return text === "true";
    case "integer":
      if (!/^[+-]?\d+$/.test(text)) {
        throw new StatusError("InvalidArgument", `--${flag.name}: "${text}" is not a whole number`);
      }
      return Number(text);
    case "duration":
      return parseDuration(text, `--${flag.name}`);
    case "enum": {
      const value = enumValue(flag, text);
      if (value === undefined) {
        throw new StatusError(
          "InvalidArgument",
          `--${flag.name} is one of ${flag.values?.join(", ")}, not "${text}"`,
        );
      }
      return value;
    }
    default:
      return text;
  }
}

/** Case does not matter, but in the text that some values go on with. */
function enumValue({ values, valuesWithText }: FlagSpec, text: string): string | undefined {
  const word = text.toLowerCase();
  const whole = values?.find((known) => known.toLowerCase() === word);
  if (whole !== undefined || valuesWithText === undefined) return whole;
  const kind = valuesWithText.find((known) => word.startsWith(`${known}=`));
  return kind === undefined ? undefined : `${kind}${text.slice(kind.length)}`;
}
