import type { Session } from "../../cli/context.ts";
import { openContext } from "../../cli/create-context.ts";
import { reportFailure } from "../../cli/run-command.ts";
import { findContext } from "../../config/find-context.ts";
import { isContextName } from "../../config/runtime-context.ts";
import { parseEndpoint } from "../../cri/parse-endpoint.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";
import { formatContext } from "../context/format-context.ts";
import { greetBackend, type RuntimeFacts } from "../context/greet-backend.ts";
import { leaveContext } from "../context/leave-context.ts";
import type { Builtin } from "./builtin.ts";

export const connect: Builtin = {
  spec: {
    name: "connect",
    summary: "go on with another runtime, or tell which one this is",
    description: [
      "The runtime must answer; else the shell stays with the one it has. What is in use is left,",
      "for the IDs of one runtime mean nothing to another.",
    ].join("\n"),
    examples: [
      { line: "connect unix:///run/crio/crio.sock", meaning: "a CRI socket" },
      { line: "connect embedded:", meaning: "the runtime inside crish" },
      { line: "connect edge", meaning: "what crish context calls edge" },
      { line: "connect", meaning: "which runtime this is, and where" },
    ],
    args: [
      {
        name: "endpoint",
        meaning: "unix:///PATH, tcp://HOST:PORT, embedded:, or the name of a context",
        required: false,
        completion: "runtime",
      },
    ],
    flags: [],
    group: "shell",
  },
  async run(shell, input, session) {
    const word = input.args.endpoint;
    if (typeof word !== "string") {
      const greeting = await greetBackend(await openContext(session));
      await session.stdout.write(`${greeting.line}\n`);
      return EXIT.success;
    }
    const flags = await flagsFor(word, session);
    const other: Session = {
      ...session,
      hasToldOfLoss: undefined,
      globalFlags: { ...session.globalFlags, ...flags },
    };
    const greeting = await greetOther(other, word);
    // Thrown it would count as a loss of the runtime that the shell has.
    if (greeting instanceof StatusError) return await reportFailure(greeting, other);
    const { context } = shell;
    shell.setGlobalFlags(flags);
    shell.runtime = greeting;
    if (context !== undefined) {
      await session.stderr.write(`${formatContext(context)} is no longer in use\n`);
      leaveContext(shell);
    }
    await session.stderr.write(`${greeting.line}\n`);
    return EXIT.success;
  },
};

/** Throws InvalidArgument for a context that is not defined. */
async function flagsFor(word: string, { env }: Session): Promise<Session["globalFlags"]> {
  if (isContextName(word)) {
    await findContext(word, env);
    return { context: word, "runtime-endpoint": undefined, "image-endpoint": undefined };
  }
  const endpoint = canonical(word);
  // The image endpoint belongs to the runtime's: another runtime has its own images.
  return { context: undefined, "runtime-endpoint": endpoint, "image-endpoint": endpoint };
}

async function greetOther(other: Session, word: string): Promise<RuntimeFacts | StatusError> {
  try {
    return await greetBackend(await openContext(other));
  } catch (cause) {
    if (other.signal.aborted) throw cause;
    const hint = "the shell goes on with the runtime that it had";
    return new StatusError("Unavailable", `cannot connect to "${word}"`, { cause, hint });
  }
}

function canonical(word: string): string {
  const { kind, text } = parseEndpoint(word);
  return kind === "embedded" ? text : word;
}
