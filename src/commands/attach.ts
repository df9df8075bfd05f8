import type { Command } from "../cli/command.ts";
import { openCallerStreams } from "../cli/open-caller-streams.ts";
import { resolveContainer } from "../cli/resolve-objects.ts";
import { readDialOptions, STREAM_FLAGS } from "../cli/stream-flags.ts";
import { EXIT } from "../errors/exit-code.ts";

/** Connects to the process of a running container. */
export const attach: Command = {
  spec: {
    name: "attach",
    summary: "connect to the streams of a running container",
    description: "With a terminal, ctrl-p,ctrl-q leaves it and the container goes on.",
    examples: [
      { line: "crish attach web", meaning: "What it writes from now on" },
      { line: "crish attach -it shell", meaning: "A container that was made with a terminal" },
    ],
    args: [
      {
        name: "container",
        meaning: "ID, unique prefix, name, or namespace/pod/container",
        required: true,
        completion: "container",
      },
    ],
    flags: [
      {
        name: "stdin",
        short: "i",
        aliases: ["interactive"],
        type: "boolean",
        meaning: "pass stdin on",
      },
      { name: "tty", short: "t", type: "boolean", meaning: "the container has a terminal" },
      ...STREAM_FLAGS,
    ],
    object: "container",
    objectStates: ["running"],
    group: "containers",
  },
  async run(context, { args, flags }) {
    const container = await resolveContainer(context, String(args.container));
    const dial = await readDialOptions(context, flags);
    const backend = await context.backend();
    const stdin = flags.stdin === true;
    const tty = flags.tty === true;
    const streams = openCallerStreams(context, { stdin, tty, dial });
    try {
      await backend.streams.attach(
        { containerId: container.id, stdin, tty, stdout: true, stderr: !tty },
        streams.io,
      );
    } catch (error) {
      if (!streams.isDetached()) {
        if (!context.signal.aborted) await streams.endLine();
        throw error;
      }
      await context.stderr.write("\r\ndetached\r\n");
    } finally {
      streams.close();
    }
    return EXIT.success;
  },
};
