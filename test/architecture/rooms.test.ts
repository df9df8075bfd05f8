import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  hasNonLiteralImport,
  type Import,
  readSources,
  roomOf,
  type SourceFile,
} from "./import-graph.ts";

const sources = readSources();

/** Rooms that every other room may import; they import nothing of ours but themselves. */
const SHARED = ["errors"];
/** Files of other rooms that may be imported by all, as the house rules name them. */
const SHARED_FILES = [/^src\/cri\/gen\//, /^src\/streaming\/(spdy|websocket|channels)\//];

const LIFECYCLE = ["runtime/sandboxes", "runtime/containers", "runtime/images"];
const MECHANISMS = [
  "runtime/content",
  "runtime/layers",
  "runtime/snapshots",
  "runtime/oci",
  "runtime/shim",
  "runtime/cni",
  "runtime/cgroups",
  "runtime/stats",
  "runtime/events",
  "runtime/streaming",
];
const RUNTIME_BASE = ["runtime", "runtime/state", "runtime/host", "images", "tar", "host", "cri"];

/** For each room the rooms it may import besides itself and the shared ones. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  bin: ["commands", "cli", "repl", "output", "config", "cri", "streaming", "host", "runtime"],
  commands: [
    "cli",
    "repl",
    "output",
    "config",
    "cri",
    "streaming",
    "host",
    "server",
    "runtime",
    "registry",
  ],
  repl: ["commands", "cli", "output", "config", "cri", "host"],
  cli: [
    "commands",
    "manifest",
    "output",
    "config",
    "cri",
    "streaming",
    "tar",
    "tracing",
    "host",
    "runtime",
    "images",
    "registry",
  ],
  manifest: ["cri"],
  output: ["cri"],
  config: ["host"],
  cri: ["streaming", "containerd", "host"],
  containerd: ["cri", "images", "registry", "host"],
  images: ["tar", "host", "cri"],
  tar: ["host"],
  registry: ["images", "host", "cri"],
  streaming: ["cri", "host"],
  tracing: ["cri"],
  host: [],
  errors: [],
  server: ["cri", "host"],
  runtime: [
    "runtime/services",
    "runtime/inspect",
    ...LIFECYCLE,
    ...MECHANISMS,
    ...RUNTIME_BASE,
    "registry",
    "streaming",
  ],
  "runtime/services": [...LIFECYCLE, ...MECHANISMS, ...RUNTIME_BASE, "registry"],
  "runtime/inspect": [...MECHANISMS, ...RUNTIME_BASE, "registry"],
  "runtime/sandboxes": ["runtime/containers", ...MECHANISMS, ...RUNTIME_BASE],
  "runtime/containers": ["runtime/images", ...MECHANISMS, ...RUNTIME_BASE],
  "runtime/images": [...MECHANISMS, ...RUNTIME_BASE, "registry"],
  "runtime/state": ["runtime", "host"],
  "runtime/host": ["host"],
  ...Object.fromEntries(MECHANISMS.map((room) => [room, [...RUNTIME_BASE, "streaming"]])),
};

/** Modules that only the named places may load, statically or not. */
const CONFINED: readonly { module: RegExp; rooms: readonly string[] }[] = [
  { module: /^node:child_process$/, rooms: ["host", "runtime/host"] },
  { module: /^(bun:ffi|node:ffi|koffi)$/, rooms: ["runtime/host"] },
  { module: /^@grpc\/grpc-js$/, rooms: ["cri", "server"] },
  { module: /^ws$/, rooms: ["streaming", "runtime/streaming"] },
  { module: /^(chalk|cli-table3)$/, rooms: ["output"] },
  { module: /^(@inquirer\/|@oclif\/core)/, rooms: ["cli"] },
];

/** Modules that cost time at start: never imported at the top of a file. */
const HEAVY =
  /^(@grpc\/grpc-js|@oclif\/core|@inquirer\/|ws$|cli-table3|chalk|yaml$|koffi|node:sqlite|bun:)/;

describe("architecture", () => {
  it("lets each room import only the rooms below it", () => {
    assert.deepEqual(sources.flatMap(forbiddenImports), []);
  });

  it("keeps every room in the table of who may import whom", () => {
    const rooms = new Set(sources.map((file) => roomOf(file.path)));
    assert.deepEqual([...rooms].filter((room) => ALLOWED[room] === undefined).sort(), []);
  });

  it("confines effects and heavy libraries to the rooms that own them", () => {
    const found = sources.flatMap((file) =>
      runtimeImports(file).flatMap(({ specifier }) =>
        CONFINED.filter(
          ({ module, rooms }) => module.test(specifier) && !rooms.includes(roomOf(file.path)),
        ).map(() => `${file.path} imports ${specifier}`),
      ),
    );
    assert.deepEqual(found, []);
  });

  it("loads heavy modules inside the functions that use them", () => {
    const found = sources.flatMap((file) =>
      runtimeImports(file)
        .filter(({ specifier, dynamic }) => !dynamic && HEAVY.test(specifier))
        .map(({ specifier }) => `${file.path} imports ${specifier} at its top`),
    );
    assert.deepEqual(found, []);
  });

  it("has no import whose name a bundler cannot read", () => {
    assert.deepEqual(sources.filter(hasNonLiteralImport).map(pathOf), []);
  });

  it("opens the runtime only through its door", () => {
    const doors = ["src/runtime/index.ts", "src/runtime/internal.ts"];
    const found = sources
      .filter((file) => !roomOf(file.path).startsWith("runtime"))
      .flatMap((file) =>
        runtimeImports(file)
          .filter(({ target }) => target?.startsWith("src/runtime/") && !doors.includes(target))
          .map(({ target }) => `${file.path} imports ${target}`),
      );
    assert.deepEqual(found, []);
  });

  it("has no import cycle", () => {
    assert.deepEqual(findCycle(), []);
  });

  it("ends the process only in bin and writes to the console only in the one writer", () => {
    const exits = sources.filter(
      (file) => /\bprocess\.exit\(/.test(file.text) && roomOf(file.path) !== "bin",
    );
    const writers = sources.filter(
      (file) =>
        /\bconsole\.|\bprocess\.(stdout|stderr)\b/.test(file.text) &&
        !["bin", "cli"].includes(roomOf(file.path)),
    );
    assert.deepEqual({ exits: exits.map(pathOf), writers: writers.map(pathOf) }, EMPTY_USES);
  });

  it("keeps source files under 400 lines", () => {
    const long = sources.filter((file) => file.text.split("\n").length > 400);
    assert.deepEqual(long.map(pathOf), []);
  });

  it("names files in kebab-case and none of them utils, helpers, common, misc or types", () => {
    const odd = sources.filter((file) => {
      const name = file.path.split("/").at(-1) ?? "";
      return (
        !/^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.ts$/.test(name) ||
        /^(utils?|helpers?|common|misc|types?)\.ts$/.test(name)
      );
    });
    assert.deepEqual(odd.map(pathOf), []);
  });
});

const EMPTY_USES = { exits: [], writers: [] };

function forbiddenImports(file: SourceFile): string[] {
  const room = roomOf(file.path);
  const allowed = [room, ...SHARED, ...(ALLOWED[room] ?? [])];
  return file.imports
    .filter(({ target }) => target?.startsWith("src/") || target?.startsWith("bin/"))
    .filter(({ target = "" }) => !SHARED_FILES.some((shared) => shared.test(target)))
    .filter(({ target = "" }) => !allowed.includes(roomOf(target)))
    .map(({ target }) => `${file.path} (${room}) imports ${target}`);
}

function runtimeImports(file: SourceFile): readonly Import[] {
  return file.imports.filter(({ typeOnly }) => !typeOnly);
}

/** The files of one cycle of static imports, first file repeated at the end; empty without one. */
function findCycle(): string[] {
  const byPath = new Map(sources.map((file) => [file.path, file]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    const file = byPath.get(path);
    if (file === undefined || done.has(path)) return [];
    for (const { target, dynamic } of runtimeImports(file)) {
      if (target === undefined || dynamic) continue;
      const cycle = visit(target, [...trail, path]);
      if (cycle.length > 0) return cycle;
    }
    done.add(path);
    return [];
  };
  for (const { path } of sources) {
    const cycle = visit(path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

function pathOf(file: SourceFile): string {
  return file.path;
}
