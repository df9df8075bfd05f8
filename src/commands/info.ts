import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import { outputFlag, QUIET_INFO_FLAG, TEMPLATE_FLAG } from "../cli/flag-sets.ts";
import { refuseGoTemplate } from "../cli/render-messages.ts";
import { infoDocument, renderDocuments } from "../cli/status-document.ts";
import { CRISH_VERSION } from "../cli/version.ts";
import { sortKeys } from "../output/sort-keys.ts";

/** Prints the state of the runtime, and which one it is. */
export const info: Command = {
  spec: {
    name: "info",
    summary: "show the state of the runtime, and which one was chosen",
    examples: [{ line: "crish info -q", meaning: "The state alone" }],
    args: [],
    flags: [outputFlag(["json", "yaml", "go-template"], "json"), QUIET_INFO_FLAG, TEMPLATE_FLAG],
    group: "runtime",
  },
  async run(context, { flags }) {
    refuseGoTemplate(flags.output);
    const backend = await context.backend();
    const verbose = flags.quiet !== true;
    const [answer, { toJson }] = await Promise.all([
      backend.runtime.status({ verbose }, callOptions(context)),
      import("../cri/json/to-json.ts"),
    ]);
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
        ...(context.settings.configFile === undefined
          ? {}
          : { configFile: context.settings.configFile }),
      },
    };
    const format = flags.output === "yaml" ? "yaml" : "json";
    await context.stdout.write(await renderDocuments([document], format));
    return 0;
  },
};

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
