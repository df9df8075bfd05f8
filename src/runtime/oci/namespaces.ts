import type { SpecInput } from "./spec-input.ts";

/** Those of the pod by path, those of the container as new; what is the node's is left out. */
export function buildNamespaces({ pod, node }: SpecInput): { type: string; path?: string }[] {
  const { network, ipc, uts, user, pid } = pod.namespaces;
  const joined = Object.entries({ user, network, ipc, uts }).flatMap(([type, path]) =>
    path === undefined ? [] : [{ type, path }],
  );
  const ofProcess =
    pid === "node" ? [] : [pid === "new" ? { type: "pid" } : { type: "pid", path: pid }];
  // On version 1 the hierarchies that runc mounts show the container's own part without one.
  const ofCgroups = node.cgroupMode === "v2" ? [{ type: "cgroup" }] : [];
  return [...joined, ...ofProcess, { type: "mount" }, ...ofCgroups];
}
