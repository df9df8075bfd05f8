import type { ContainerEventResponse } from "../../cri/gen/runtime/v1/api.ts";
import { escapeControl } from "../../output/escape-control.ts";
import { shortId } from "../../output/short-id.ts";
import { EVENT_TYPES } from "./event-filter.ts";
import type { EventSubject } from "./event-subjects.ts";

const STOPPED = 2;
const TYPE_WIDTH = 8;
const KIND_WIDTH = 10;
const ID_WIDTH = 14;

/** An event for people: time, what happened, to whom, and how a container ended. */
export function eventLine(event: ContainerEventResponse, subject: EventSubject): string {
  const type = EVENT_TYPES[event.containerEventType] ?? String(event.containerEventType);
  const cells = [
    localTime(event.createdAt),
    type.toUpperCase().padEnd(TYPE_WIDTH),
    subject.kind.padEnd(KIND_WIDTH),
    shortId(event.containerId).padEnd(ID_WIDTH),
    nameOf(subject),
    ending(event),
  ];
  return `${escapeControl(cells.join(" ").trimEnd())}\n`;
}

function nameOf({ kind, namespace, pod, container }: EventSubject): string {
  const path = kind === "pod" ? [namespace, pod] : [namespace, pod, container];
  return path.filter((part) => part !== "").join("/");
}

function ending({ containerId, containerEventType, containersStatuses }: ContainerEventResponse) {
  const status = containersStatuses.find(({ id }) => id === containerId);
  if (containerEventType !== STOPPED || status === undefined) return "";
  const { exitCode, reason } = status;
  return reason === "" || reason === "Completed"
    ? `exit ${exitCode}`
    : `exit ${exitCode}, ${reason}`;
}

function localTime(momentNs: bigint): string {
  const date = new Date(Number(momentNs / 1_000_000n));
  const pad = (value: number, width = 2) => String(value).padStart(width, "0");
  const day = [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join("-");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => pad(part));
  return `${day} ${time.join(":")}.${pad(date.getMilliseconds(), 3)}`;
}
