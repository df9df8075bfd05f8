import type { Command, CommandInput, FlagSpec } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { EVENT_TYPES, eventFilter } from "../cli/events/event-filter.ts";
import { eventLine } from "../cli/events/event-line.ts";
import { type EventSubject, knowSubjects } from "../cli/events/event-subjects.ts";
import { followEvents } from "../cli/events/follow-events.ts";
import { outputFlag, TEMPLATE_FLAG } from "../cli/flag-sets.ts";
import { backText, lostText } from "../cli/loss-text.ts";
import { parseFormat } from "../cli/output-format.ts";
import { prepareTemplate } from "../cli/prepare-template.ts";
import type { ContainerEventResponse } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import { renderJson, renderJsonLine } from "../output/json.ts";
import { renderYaml } from "../output/yaml.ts";

/** Tells what happens to containers. */
export const events: Command = {
  spec: {
    name: "events",
    aliases: ["event"],
    summary: "tell what happens to pods and containers, as it happens",
    description: [
      "Readable lines on a terminal, JSON lines elsewhere, until Ctrl-C. Where the runtime is restarted,",
      "it goes on as soon as that is back. Some runtimes give each event to one listener alone: on",
      "those it takes events from the kubelet.",
    ].join("\n"),
    examples: [
      { line: "crish events", meaning: "All that happens on this node" },
      { line: "crish events --type stopped --pod web", meaning: "What ends in pod web" },
      {
        line: "crish events --container app --type stopped --count 1",
        meaning: "Wait for the end of a container",
      },
    ],
    args: [],
    flags: [
      {
        ...eventFlag("pod", "only in this pod (ID, prefix or name)", "POD"),
        short: "p",
        completion: "pod",
      },
      {
        ...eventFlag("container", "only of this container (ID, prefix or name)", "CONTAINER"),
        completion: "container",
      },
      {
        ...eventFlag("type", "only this kind of event", "TYPE"),
        type: "enum",
        values: EVENT_TYPES,
      },
      {
        name: "count",
        short: "n",
        type: "integer",
        meaning: "end after that many events",
        placeholder: "N",
      },
      formatFlag(),
      TEMPLATE_FLAG,
    ],
    group: "containers",
  },
  async run(context, { flags }) {
    const left = countOf(flags);
    const render = await prepareEvent(context, flags);
    const isWanted = eventFilter(flags);
    const subjectOf = await knowSubjects(context);
    let count = 0;
    for await (const event of await follow(context)) {
      const subject = subjectOf(event);
      if (!isWanted(event, subject)) continue;
      await context.stdout.write(await render(event, subject));
      if (++count === left) break;
    }
    return 0;
  },
  endsAtInterrupt: () => true,
};

type RenderEvent = (event: ContainerEventResponse, subject: EventSubject) => Promise<string>;

/** How an event is printed: what is wrong with it is known before the runtime is asked. */
async function prepareEvent(context: Context, flags: CommandInput["flags"]): Promise<RenderEvent> {
  const output = flags.output ?? (context.stdout.isTty ? "table" : "jsonl");
  const format = parseFormat({ ...flags, output });
  if (format.kind === "table") return async (event, subject) => eventLine(event, subject);
  const template = await prepareTemplate(format, context.cwd);
  const { toJson } = await import("../cri/json/to-json.ts");
  return async (event) => {
    const json = toJson("ContainerEventResponse", event);
    if (template !== undefined) return template(json);
    if (format.kind === "yaml") return `---\n${await renderYaml(json)}`;
    return format.kind === "json" ? renderJson(json) : renderJsonLine(json);
  };
}

async function follow(context: Context): Promise<AsyncIterable<ContainerEventResponse>> {
  const { runtime, endpoint } = await context.backend();
  return followEvents({
    runtime,
    signal: context.signal,
    onLost: () => context.stderr.write(`${lostText(endpoint, "events go on")}\n`),
    onBack: (lostForMs) => context.stderr.write(`${backText(endpoint, lostForMs, gapOf)}\n`),
  });
}

function gapOf(seconds: string): string {
  return `; what happened in the ${seconds} between is not told`;
}

function countOf(flags: CommandInput["flags"]): number | undefined {
  if (typeof flags.count !== "number") return undefined;
  if (flags.count < 1) throw new StatusError("InvalidArgument", "--count is not above 0");
  return flags.count;
}

function eventFlag(name: string, meaning: string, placeholder: string): FlagSpec {
  return { name, type: "string", repeat: true, meaning, placeholder };
}

/** Without a default: that depends on the terminal. */
function formatFlag(): FlagSpec {
  const formats = ["table", "jsonl", "json", "yaml", "go-template", "jsonpath"];
  const { default: _, ...flag } = outputFlag(formats, "");
  return { ...flag, meaning: "format of each event (default: table on a terminal, else jsonl)" };
}
