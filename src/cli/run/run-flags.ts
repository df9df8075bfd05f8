import type { FlagSpec } from "../command.ts";

/** What one says to `run IMAGE` about the container and its pod, in the words of docker run. */
export const RUN_FLAGS: readonly FlagSpec[] = [
  {
    name: "name",
    type: "string",
    meaning: "name of the pod and of the container (default: from the image)",
    placeholder: "NAME",
  },
  {
    name: "namespace",
    type: "string",
    default: "default",
    meaning: "namespace of the pod",
    placeholder: "NAME",
  },
  { name: "detach", short: "d", type: "boolean", meaning: "print the container's ID and leave" },
  { name: "interactive", short: "i", type: "boolean", meaning: "pass stdin on" },
  { name: "tty", short: "t", type: "boolean", meaning: "with a terminal" },
  { name: "rm", type: "boolean", meaning: "remove the pod when the container has ended" },
  { name: "keep", type: "boolean", meaning: "leave the pod behind where something fails" },
  list("env", "e", "set a variable; without = as it is here", "KEY=VALUE"),
  { ...list("env-file", undefined, "variables, one a line", "FILE"), type: "path" },
  list("volume", "v", "mount a directory or file of this node", "HOST:CONTAINER[:ro]"),
  list("publish", "p", "forward a port of this node", "[[IP:]HOST:]PORT[/PROTOCOL]"),
  {
    name: "workdir",
    short: "w",
    type: "string",
    meaning: "directory to start in",
    placeholder: "DIR",
  },
  { name: "user", type: "string", meaning: "run as this user", placeholder: "USER[:GID]" },
  {
    name: "entrypoint",
    type: "string",
    meaning: "program in place of the image's entrypoint",
    placeholder: "PROGRAM",
  },
  { name: "hostname", type: "string", meaning: "hostname of the pod", placeholder: "NAME" },
  list("label", undefined, "label of pod and container", "KEY=VALUE"),
  {
    name: "network",
    type: "enum",
    values: ["pod", "host"],
    default: "pod",
    meaning: "network of its own, or this node's",
  },
  list("dns", undefined, "name server of the pod", "ADDRESS"),
  { name: "memory", short: "m", type: "string", meaning: "limit, as in 256m", placeholder: "SIZE" },
  { name: "cpus", type: "string", meaning: "limit, as in 1.5", placeholder: "NUMBER" },
  { name: "privileged", type: "boolean", meaning: "all capabilities and devices" },
  { name: "read-only", type: "boolean", meaning: "root file system that cannot be written" },
  list("cap-add", undefined, "add a capability, or ALL", "NAME"),
  list("cap-drop", undefined, "take a capability away, or ALL", "NAME"),
];

function list(
  name: string,
  short: string | undefined,
  meaning: string,
  placeholder: string,
): FlagSpec {
  return {
    name,
    ...(short === undefined ? {} : { short }),
    type: "string",
    repeat: true,
    meaning,
    placeholder,
  };
}
