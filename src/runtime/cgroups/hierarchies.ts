/**
 * Control groups: one path, the same below every hierarchy that the node has mounted (cgroup v1,
 * hybrid or v2). This room creates, fills, limits, measures, empties and removes cgroups through
 * their files; it knows nothing of pods and containers, and talks to no systemd.
 * Specification: the kernel's Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StatusError } from "../../errors/status-error.ts";

export interface Hierarchy {
  readonly mountPoint: string;
  /** Version 1: the controllers (or `name=systemd`) mounted there. Version 2: empty. */
  readonly controllers: readonly string[];
  readonly version: 1 | 2;
}

/** What the node has mounted. The unified hierarchy carries the controllers only in mode `v2`. */
export interface Hierarchies {
  readonly mode: "v1" | "hybrid" | "v2";
  readonly all: readonly Hierarchy[];
}

/** Reads this process's mount table. Rejects with FailedPrecondition where no cgroup is mounted. */
export function readHierarchies(): Hierarchies {
  return parseHierarchies(readFileSync("/proc/self/mountinfo", "utf8"));
}

export function parseHierarchies(mountInfo: string): Hierarchies {
  const byKey = new Map<string, Hierarchy>();
  for (const line of mountInfo.split("\n")) {
    const hierarchy = parseMount(line);
    // A hierarchy that is mounted twice is one: the first place is the usual one.
    const key = hierarchy && `${hierarchy.version}:${hierarchy.controllers.join(",")}`;
    if (hierarchy && key && !byKey.has(key)) byKey.set(key, hierarchy);
  }
  const all = [...byKey.values()];
  if (all.length === 0) {
    throw new StatusError("FailedPrecondition", "no cgroup hierarchy is mounted on this node", {
      hint: "mount one: mount -t cgroup2 none /sys/fs/cgroup",
    });
  }
  const hasV1 = all.some((hierarchy) => hierarchy.version === 1);
  const hasV2 = all.some((hierarchy) => hierarchy.version === 2);
  return { mode: hasV1 ? (hasV2 ? "hybrid" : "v1") : "v2", all };
}

/** The hierarchy that carries the controller (`memory`, `cpu`, `freezer`, …), if any does. */
export function findHierarchy(hierarchies: Hierarchies, controller: string): Hierarchy | undefined {
  if (hierarchies.mode === "v2") return hierarchies.all[0];
  return hierarchies.all.find((hierarchy) => hierarchy.controllers.includes(controller));
}

/** The directory of a cgroup in one hierarchy. */
export function cgroupDirectory(hierarchy: Hierarchy, path: string): string {
  return join(hierarchy.mountPoint, path);
}

const GENERIC_OPTIONS = new Set(["rw", "ro", "xattr", "clone_children", "noprefix"]);

function parseMount(line: string): Hierarchy | undefined {
  const [front = "", back = ""] = line.split(" - ");
  const [type, , superOptions = ""] = back.split(" ");
  const mountPoint = front.split(" ")[4];
  if (mountPoint === undefined || (type !== "cgroup" && type !== "cgroup2")) return undefined;
  // Octal escapes stand for blanks in mount points.
  const path = mountPoint.replace(/\\([0-7]{3})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  if (type === "cgroup2") return { mountPoint: path, controllers: [], version: 2 };
  const controllers = superOptions
    .split(",")
    .filter((option) => !GENERIC_OPTIONS.has(option) && !option.startsWith("release_agent="));
  return { mountPoint: path, controllers, version: 1 };
}
