import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { documentFlags, QUIET_INFO_FLAG } from "../cli/flag-sets.ts";
import { prepareDocuments } from "../cli/render-documents.ts";
import { infoDocument } from "../cli/status-document.ts";
import { CRISH_VERSION } from "../cli/version.ts";
import type { CriBackend } from "../cri/backend.ts";
import type { StatusResponse } from "../cri/gen/runtime/v1/api.ts";
import { escapeControl } from "../output/escape-control.ts";
import { sortKeys } from "../output/sort-keys.ts";

/** Prints the state of the runtime, and which one it is. */
export const info: Command = {
  spec: {
    name: "info",
    summary: "show the state of the runtime, and which one was chosen",
    examples: [
      { line: "crish info -q", meaning: "The state alone" },
      { line: "crish info -o table", meaning: "For reading" },
    ],
    args: [],
    flags: [...documentFlags(["table"]), QUIET_INFO_FLAG],
    group: "runtime",
  },
  async run(context, { flags }) {
    const isTable = flags.output === "table";
    const renderDocuments = await prepareDocuments(flags, context.cwd);
    const backend = await context.backend();
    const verbose = flags.quiet !== true;
    const [answer, { toJson }] = await Promise.all([
      backend.runtime.status({ verbose }, callOptions(context)),
      import("../cri/json/to-json.ts"),
    ]);
    if (isTable) {
      await context.stdout.write(await renderForReading(context, backend, answer));
      return 0;
    }
    const json = toJson("StatusResponse", answer);
    const document = {
      ...infoDocument(answer.info),
      status: sortKeys(json.status ?? {}),
      runtimeHandlers: compact(json.runtimeHandlers ?? []),
      ...(json.features === undefined ? {} : { features: compact(json.features) }),
      crish: {
        backend: backend.kind,
        endpoint: backend.endpoint,
        version: CRISH_VERSION,
        ...(context.settings.context === undefined ? {} : { context: context.settings.context }),
        ...(context.settings.configFile === undefined
          ? {}
          : { configFile: context.settings.configFile }),
      },
    };
    await context.stdout.write(await renderDocuments([document]));
    return 0;
  },
};

/** Which runtime it is, and a line for each of its conditions. */
async function renderForReading(
  context: Context,
  { kind, endpoint }: CriBackend,
  { status, runtimeHandlers }: StatusResponse,
): Promise<string> {
  const [{ renderTable }, { tableStyle }] = await Promise.all([
    import("../output/table.ts"),
    import("../cli/table-style.ts"),
  ]);
  const facts = {
    backend: kind,
    endpoint,
    crish: CRISH_VERSION,
    context: context.settings.context,
    config: context.settings.configFile,
    handlers: runtimeHandlers.map(({ name }) => name || "(default)").join(", ") || undefined,
  };
  const lines = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [`${`${name}:`.padEnd(11)}${escapeControl(value)}\n`],
  );
  const rows = (status?.conditions ?? []).map(({ type, status: isMet, reason, message }) => [
    type,
    isMet ? ({ text: "yes", tone: "good" } as const) : ({ text: "no", tone: "bad" } as const),
    reason,
    message,
  ]);
  const heading = ["CONDITION", "MET", "REASON", "MESSAGE"];
  return `${lines.join("")}\n${await renderTable(heading, rows, tableStyle(context))}`;
}

/** crictl prints handlers and features with the proto's own names and without empty values. */
function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compact);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== false && entry !== "" && entry !== null)
    .map(([key, entry]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      compact(entry),
    ]);
  return Object.fromEntries(entries);
}
