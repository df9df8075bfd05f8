import { EXIT } from "../../errors/exit-code.ts";
import type { Builtin } from "./builtin.ts";

const HOME_AND_ERASE = "\x1b[H\x1b[2J\x1b[3J";

export const clear: Builtin = {
  spec: {
    name: "clear",
    summary: "clear the screen",
    examples: [{ line: "clear", meaning: "an empty screen, and nothing to scroll back to" }],
    args: [],
    flags: [],
    group: "shell",
  },
  async run(_shell, _input, session) {
    if (session.stdout.canRedraw) await session.stdout.write(HOME_AND_ERASE);
    return EXIT.success;
  },
};
