import type { Context, Session } from "../../cli/context.ts";
import { openContext } from "../../cli/create-context.ts";
import { listChoices } from "../../cli/list-choices.ts";
import type { PickChoice } from "../../cli/pick-request.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { hasCode, StatusError } from "../../errors/status-error.ts";
import { formatContext } from "../context/format-context.ts";
import { resolveContext } from "../context/resolve-context.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";

export const use: Builtin = {
  spec: {
    name: "use",
    summary: "set the pod or container that commands without one act on",
    description: [
      "Commands that name no object act on it, and lists show its pod. `--all` means all still, and",
      "an object that is named is the one meant. In a pod's context commands on containers mean the",
      "pod's only one, for exec, attach and stop the only one that runs; of several they ask which,",
      "or list them without a terminal. `exec CMD` runs CMD in that container, unless its first word",
      "is exactly the name of one; `exec -- CMD` always.",
      "Without an argument: a list to choose from, or without a terminal what is in use.",
      "The context is that very object: a newer attempt of the same name is another one.",
    ].join("\n"),
    examples: [
      { line: "use web", meaning: "a pod" },
      { line: "use web/nginx", meaning: "one of its containers" },
      { line: "use -", meaning: "what was in use before" },
    ],
    args: [
      {
        name: "pod",
        meaning: "POD, NAMESPACE/POD, POD/CONTAINER or NAMESPACE/POD/CONTAINER; - for the last one",
        required: false,
        completion: "context",
      },
    ],
    flags: [],
    object: "pod",
    group: "shell",
  },
  async run(shell, input, session) {
    const word = input.args.pod;
    if (typeof word === "string") {
      shell.setContext(await wanted(shell, session, word));
      return EXIT.success;
    }
    if (!session.stdin.isTty || !session.stderr.canRedraw) {
      const { context } = shell;
      const text = context === undefined ? "no pod is in use" : formatContext(context);
      await session.stdout.write(`${text}\n`);
      return EXIT.success;
    }
    const context = await openContext(withoutContext(session));
    const choices = await podsAndContainers(context);
    const [chosen] = await context.pick({ question: "use: which one?", several: false, choices });
    if (chosen !== undefined) shell.setContext(await resolveContext(context, chosen, undefined));
    return EXIT.success;
  },
};

async function wanted(shell: Shell, session: Session, word: string) {
  if (word !== "-") return await resolveContext(await openContext(session), word, shell.context);
  if (shell.previousContext !== undefined) return shell.previousContext;
  throw new StatusError("FailedPrecondition", "nothing was in use before");
}

/** The list must not be narrowed to the pod that is in use already. */
function withoutContext({ defaultObjects: _, ...session }: Session): Session {
  return session;
}

async function podsAndContainers(context: Context): Promise<readonly PickChoice[]> {
  const pods = await listChoices(context, "pod", { name: "use" });
  const containers = await listChoices(context, "container", { name: "use" }).catch((error) => {
    if (hasCode(error, "FailedPrecondition")) return [];
    throw error;
  });
  return [
    ...pods.map((choice) => ofKind("pod", choice)),
    ...containers.map((choice) => ofKind("container", choice)),
  ];
}

function ofKind(kind: string, { value, label, cells }: PickChoice): PickChoice {
  return { value, label: `${kind.padEnd("container".length)}  ${label}`, cells: [kind, ...cells] };
}
