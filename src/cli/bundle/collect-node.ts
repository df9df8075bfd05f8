import { readdirSync, readlinkSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describeProcess } from "../../host/describe-process.ts";
import { readIfPresent } from "../../host/read-if-present.ts";
import { runProcess } from "../../host/run-process.ts";
import type { Collection } from "./collection.ts";

const PROGRAM_MS = 5_000;
const DEEPEST = 3;
const MOST_ENTRIES = 5_000;
const FACTS = [
  ...[
    "/proc/meminfo",
    "/proc/loadavg",
    "/proc/uptime",
    "/proc/cgroups",
    "/proc/sys/kernel/tainted",
  ],
  ...["/proc/pressure/cpu", "/proc/pressure/io", "/proc/pressure/memory", "/proc/self/limits"],
  ...["/proc/sys/net/ipv4/ip_forward", "/proc/sys/user/max_user_namespaces"],
];
/** Programs of ours, and those that have a file of ours on their command line. */
const PROGRAMS = /^(crish|conmon|runc|catatonit|containerd|crio|dockerd|cri-dockerd)/;

/** The node around crish: its mounts, directories, processes, links and packet filter. */
export async function collectNode(collection: Collection): Promise<void> {
  const { node, addData } = collection;
  const { root, state } = node.paths;
  addData("node/mounts.json", {
    root: node.mountOf(root),
    state: node.mountOf(state),
    namespaces: {
      ownMount: ownNamespace("mnt"),
      ownNet: ownNamespace("net"),
      ownPid: ownNamespace("pid"),
    },
    isForeignMountNamespace: node.isForeignMountNamespace(),
    below: [...node.mountsBelow(root), ...node.mountsBelow(state)],
  });
  addData("node/processes.json", listProcesses(node.paths));
  const facts = FACTS.map((path) => `== ${path}\n${read(path)}`);
  collection.addText("node/kernel.txt", facts.join("\n"));
  const [rootListing, stateListing] = await Promise.all([
    listTree(root, 1),
    listTree(state, DEEPEST),
  ]);
  collection.addText("node/directories.txt", [...rootListing, ...stateListing, ""].join("\n"));
  try {
    addData("node/cgroups.json", node.cgroups());
  } catch (error) {
    collection.note("node cgroups", error);
  }
  await Promise.all([
    addOutput(collection, "addresses", "ip", ["-details", "address"]),
    addOutput(collection, "routes", "ip", ["route", "show", "table", "all"]),
    addOutput(collection, "iptables-filter", "iptables", ["-w", "2", "-S"]),
    addOutput(collection, "iptables-nat", "iptables", ["-w", "2", "-t", "nat", "-S"]),
    addOutput(collection, "disks", "df", ["-PkT"]),
  ]);
}

/** Never their arguments, which may hold secrets. */
function listProcesses({ root, state }: { root: string; state: string }): object[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const command = describeProcess(Number(name));
      if (command === undefined) return [];
      const words = read(`/proc/${name}/cmdline`);
      const isOurs = words.includes(`${root}/`) || words.includes(`${state}/`);
      if (!isOurs && !PROGRAMS.test(command)) return [];
      const status = read(`/proc/${name}/status`);
      const field = (key: string) => new RegExp(`^${key}:\\s*(.*)$`, "m").exec(status)?.[1];
      return [
        {
          pid: Number(name),
          parent: Number(field("PPid")),
          command,
          state: field("State"),
          memory: field("VmRSS"),
          cgroup: read(`/proc/${name}/cgroup`).trimEnd().split("\n"),
        },
      ];
    });
}

async function listTree(directory: string, depth: number): Promise<string[]> {
  const lines: string[] = [];
  const visit = async (path: string, left: number): Promise<void> => {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      if (lines.length >= MOST_ENTRIES) return;
      const inner = join(path, entry.name);
      const facts = await stat(inner).catch(() => undefined);
      const mode = facts === undefined ? "?" : (facts.mode & 0o7777).toString(8);
      const size = entry.isFile() ? String(facts?.size ?? "?") : "-";
      lines.push(`${mode.padStart(5)} ${size.padStart(12)} ${inner}`);
      // What is in a container's own file system is not ours to tell.
      if (entry.isDirectory() && left > 1 && entry.name !== "rootfs") await visit(inner, left - 1);
    }
  };
  await visit(directory, depth);
  return [`${directory}:`, ...lines];
}

async function addOutput(
  { signal, addText, note }: Collection,
  name: string,
  program: string,
  args: readonly string[],
): Promise<void> {
  try {
    const result = await runProcess(program, args, { signal, timeoutMs: PROGRAM_MS });
    if (result.exitCode !== 0) note(`node ${name}`, result.stderr.toString().trim());
    addText(`node/${name}.txt`, result.stdout.toString());
  } catch (error) {
    note(`node ${name}`, error);
  }
}

function ownNamespace(kind: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`);
  } catch {
    return undefined;
  }
}

function read(path: string): string {
  return readIfPresent(path) ?? "";
}
