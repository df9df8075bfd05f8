import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { mountsBelow } from "./mounts.ts";
import { processesNaming } from "./processes-naming.ts";
import { run } from "./run.ts";

/** What belongs to one embedded root, by name. */
export interface RootScope {
  readonly root: string;
  readonly state: string;
  readonly network: string;
  readonly bridge: string;
  /** First part of the path below each cgroup hierarchy. */
  readonly cgroupParent: string;
}

/**
 * What is left of pods and containers on a root that should have none, one line each; empty means
 * that nothing leaked. Looks at the kernel and the files, not at what crish says.
 */
export async function findLeaks(scope: RootScope): Promise<string[]> {
  const found = await Promise.all([
    leakedMounts(scope),
    leakedProcesses(scope),
    leakedVeths(scope),
    leakedRules(scope),
    leakedCgroups(scope),
    leakedFiles(scope),
    leakedRows(scope),
  ]);
  return found.flat();
}

async function leakedMounts({ root, state }: RootScope): Promise<string[]> {
  const points = [...(await mountsBelow(root)), ...(await mountsBelow(state))];
  // a runtime may bind its own state directory on itself to fix its propagation
  return points.filter((point) => point !== state && point !== root).map((at) => `mount ${at}`);
}

async function leakedProcesses({ root, state }: RootScope): Promise<string[]> {
  const found = [...(await processesNaming(state)), ...(await processesNaming(root))];
  return [...new Set(found.map(({ pid, commandLine }) => `process ${pid} ${commandLine}`))];
}

async function leakedVeths({ bridge }: RootScope): Promise<string[]> {
  const { stdout } = await run("ip", ["-o", "link", "show", "master", bridge]);
  return stdout.split("\n").flatMap((line) => {
    const name = /^\d+: ([^@:]+)/.exec(line)?.[1];
    return name === undefined ? [] : [`veth ${name}`];
  });
}

async function leakedRules({ network }: RootScope): Promise<string[]> {
  const tables = await Promise.all([
    run("iptables-save", []),
    run("ip6tables-save", []).catch(() => undefined),
  ]);
  return tables
    .flatMap((table) => table?.stdout.split("\n") ?? [])
    .filter((line) => line.includes(`"${network}\\"`) || line.includes(`${network}"`))
    .map((line) => `iptables ${line}`);
}

/** Cgroups named after an ID, and any that has a process in it. */
async function leakedCgroups({ cgroupParent }: RootScope): Promise<string[]> {
  const { stdout } = await run("sh", [
    "-c",
    `find /sys/fs/cgroup -type d -path "*/$1/*"; find /sys/fs/cgroup -path "*/$1/*" -name cgroup.procs -exec grep -H . {} +`,
    "sh",
    cgroupParent.replace(/^\//, ""),
  ]);
  return stdout
    .split("\n")
    .filter(
      (line) =>
        /[0-9a-f]{12}/.test(line.slice(line.indexOf(cgroupParent) + cgroupParent.length)) ||
        /procs:\d/.test(line),
    )
    .map((line) => `cgroup ${line}`);
}

async function leakedFiles({ root, state }: RootScope): Promise<string[]> {
  const directories = ["sandboxes", "containers", "exits", "runc"].map((name) => join(state, name));
  directories.push(join(root, "persist"));
  const found: string[] = [];
  for (const directory of directories) {
    for (const name of await namesIn(directory)) found.push(`file ${join(directory, name)}`);
  }
  const addresses = join(root, "addresses");
  for (const network of await namesIn(addresses)) {
    for (const name of await namesIn(join(addresses, network))) {
      if (/^[0-9a-f]+[.:]/.test(name)) found.push(`address ${name} of ${network}`);
    }
  }
  return found;
}

async function leakedRows({ root }: RootScope): Promise<string[]> {
  const { existsSync } = await import("node:fs");
  const file = join(root, "crish.db");
  if (!existsSync(file)) return [];
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(file, { timeout: 10_000 });
  try {
    return ROWS.flatMap(({ table, where }) => {
      const statement = database.prepare(`SELECT * FROM ${table} ${where}`);
      statement.setReadBigInts(true);
      return statement.all().map((row) => `row of ${table} ${JSON.stringify(row, printable)}`);
    });
  } finally {
    database.close();
  }
}

const ROWS = [
  { table: "sandboxes", where: "" },
  { table: "containers", where: "" },
  { table: "intents", where: "" },
  { table: "locks", where: "" },
  { table: "snapshots", where: "WHERE kind = 'active'" },
];

function printable(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array ? `${value.length} bytes` : value;
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch {
    return [];
  }
}
