import type { ContainerEventResponse } from "../../cri/gen/runtime/v1/api.ts";
import type { CommandInput } from "../command.ts";
import type { EventSubject } from "./event-subjects.ts";

/** As --type has them, in the order of runtime.v1.ContainerEventType. */
export const EVENT_TYPES: readonly string[] = ["created", "started", "stopped", "deleted"];

export type EventFilter = (event: ContainerEventResponse, subject: EventSubject) => boolean;

/** What --pod, --container and --type leave; each may be repeated, and one of its values must fit. */
export function eventFilter(flags: CommandInput["flags"]): EventFilter {
  const pods = wordsOf(flags.pod);
  const containers = wordsOf(flags.container);
  const types = wordsOf(flags.type);
  return ({ containerEventType }, subject) =>
    (types.length === 0 || types.includes(EVENT_TYPES[containerEventType] ?? "")) &&
    (pods.length === 0 || pods.some((word) => isPod(word, subject))) &&
    (containers.length === 0 || containers.some((word) => isContainer(word, subject)));
}

function isPod(word: string, { podId, pod, namespace }: EventSubject): boolean {
  return word === pod || word === `${namespace}/${pod}` || podId.startsWith(word);
}

function isContainer(word: string, subject: EventSubject): boolean {
  const { kind, id, container, pod, namespace } = subject;
  if (kind === "pod") return false;
  return word === container || word === `${namespace}/${pod}/${container}` || id.startsWith(word);
}

function wordsOf(value: CommandInput["flags"][string]): readonly string[] {
  const words = Array.isArray(value) ? (value as readonly string[]) : [];
  return words.filter((word) => word !== "");
}
