import { renderJson } from "../../output/json.ts";
import { renderTable } from "../../output/table.ts";
import { renderYaml } from "../../output/yaml.ts";
import type { CommandInput, FlagSpec } from "../command.ts";
import type { Context } from "../context.ts";
import { outputFlag } from "../flag-sets.ts";
import { tableStyle } from "../table-style.ts";
import { currentContext } from "./current-context.ts";
import { type DefinedContext, definedContexts, overriding } from "./own-contexts.ts";

export const LIST_CONTEXTS_FLAGS: readonly FlagSpec[] = [
  { name: "quiet", short: "q", type: "boolean", meaning: "print names alone" },
  outputFlag(["table", "json", "yaml"], "table"),
];

const HEADING = ["CURRENT", "NAME", "ENDPOINT", "IMAGE ENDPOINT", "TIMEOUT"];

/** Prints every context by name, and says on stderr where a variable goes before the one in use. */
export async function listContexts(context: Context, flags: CommandInput["flags"]): Promise<void> {
  const { stdout, stderr } = context;
  const contexts = [...(await definedContexts(context)).values()];
  const current = await currentContext(context);
  await stdout.write(await render(context, flags, contexts, current));
  const isTable = flags.output === "table" && flags.quiet !== true;
  const above = overriding(context);
  if (isTable && above === "CONTAINER_RUNTIME_ENDPOINT" && current !== undefined) {
    await stderr.write(`${above} is set and goes before them\n`);
  }
}

/** A context as a document. */
export function contextDocument(
  { name, runtimeEndpoint, imageEndpoint, timeoutMs, file }: DefinedContext,
  current: string | undefined,
): Readonly<Record<string, unknown>> {
  return {
    name,
    current: name === current,
    "runtime-endpoint": runtimeEndpoint,
    ...(imageEndpoint === undefined ? {} : { "image-endpoint": imageEndpoint }),
    ...(timeoutMs === undefined ? {} : { timeout: formatTimeout(timeoutMs) }),
    file,
  };
}

async function render(
  context: Context,
  flags: CommandInput["flags"],
  contexts: readonly DefinedContext[],
  current: string | undefined,
): Promise<string> {
  if (flags.quiet === true) return contexts.map(({ name }) => `${name}\n`).join("");
  if (flags.output === "table") {
    const rows = contexts.map(({ name, runtimeEndpoint, imageEndpoint = "", timeoutMs }) => [
      name === current ? "*" : "",
      name,
      runtimeEndpoint,
      imageEndpoint,
      timeoutMs === undefined ? "" : formatTimeout(timeoutMs),
    ]);
    return await renderTable(HEADING, rows, tableStyle(context, {}, ["IMAGE ENDPOINT", "TIMEOUT"]));
  }
  const documents = contexts.map((each) => contextDocument(each, current));
  return flags.output === "json" ? renderJson(documents) : await renderYaml(documents);
}

function formatTimeout(timeoutMs: number): string {
  return `${timeoutMs / 1000}s`;
}
