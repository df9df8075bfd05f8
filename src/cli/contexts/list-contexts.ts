import type { CommandInput, FlagSpec } from "../command.ts";
import type { Context } from "../context.ts";
import { NO_TRUNC_FLAG } from "../flag-sets.ts";
import type { JsonDocument, List } from "../list-output/list.ts";
import { onceListFlags } from "../list-output/list-flags.ts";
import { printList } from "../list-output/print-list.ts";
import { parseFormat } from "../output-format.ts";
import { currentContext } from "./current-context.ts";
import { type DefinedContext, definedContexts, overriding } from "./own-contexts.ts";

export const LIST_CONTEXTS_FLAGS: readonly FlagSpec[] = [
  { name: "quiet", short: "q", type: "boolean", meaning: "print names alone" },
  NO_TRUNC_FLAG,
  ...onceListFlags(["current", "name", "endpoint", "image-endpoint", "timeout", "file"]),
];

/** Prints every context by name, and says on stderr where a variable goes before the one in use. */
export async function listContexts(context: Context, flags: CommandInput["flags"]): Promise<void> {
  const current = await currentContext(context);
  await printList(context, flags, async () => {
    const contexts = [...(await definedContexts(context)).values()];
    return contextList(contexts, current);
  });
  const isTable = parseFormat(flags).kind === "table" && flags.quiet !== true;
  const above = overriding(context);
  if (isTable && above === "CONTAINER_RUNTIME_ENDPOINT" && current !== undefined) {
    await context.stderr.write(`${above} is set and goes before them\n`);
  }
}

/** A context as a document. */
export function contextDocument(
  { name, runtimeEndpoint, imageEndpoint, timeoutMs, file }: DefinedContext,
  current: string | undefined,
): JsonDocument {
  return {
    name,
    current: name === current,
    "runtime-endpoint": runtimeEndpoint,
    ...(imageEndpoint === undefined ? {} : { "image-endpoint": imageEndpoint }),
    ...(timeoutMs === undefined ? {} : { timeout: formatTimeout(timeoutMs) }),
    file,
  };
}

function contextList(
  items: readonly DefinedContext[],
  current: string | undefined,
): List<DefinedContext> {
  return {
    items,
    document: (each) => contextDocument(each, current),
    whole: (documents) => [...documents],
    id: ({ name }) => name,
    reference: ({ name }) => name,
    rows: (each) => [each],
    dispensable: ["FILE", "IMAGE ENDPOINT", "TIMEOUT"],
    columns: [
      { title: "CURRENT", cell: ({ name }) => (name === current ? "*" : "") },
      { title: "NAME", cell: ({ name }) => name },
      { title: "ENDPOINT", cell: ({ runtimeEndpoint }) => runtimeEndpoint },
      { title: "IMAGE ENDPOINT", cell: ({ imageEndpoint = "" }) => imageEndpoint },
      {
        title: "TIMEOUT",
        cell: ({ timeoutMs }) => (timeoutMs === undefined ? "" : formatTimeout(timeoutMs)),
        sortKey: ({ timeoutMs = 0 }) => timeoutMs,
      },
      { title: "FILE", cell: ({ file }) => file, shown: "wide" },
    ],
  };
}

function formatTimeout(timeoutMs: number): string {
  return `${timeoutMs / 1000}s`;
}
