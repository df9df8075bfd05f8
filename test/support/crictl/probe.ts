import assert from "node:assert/strict";
import type { RunResult } from "../run.ts";
import type { World } from "./world.ts";

/** Runs a command with one of crictl's flags and rejects where it did not do what the flag means. */
export type Probe = (world: World) => Promise<void>;

/** Flag (as crictl names it) to what shows its meaning. */
export type Probes = Readonly<Record<string, Probe>>;

/** The probes but those of flags that a command does not have. */
export function without(probes: Probes, ...flags: readonly string[]): Probes {
  return Object.fromEntries(Object.entries(probes).filter(([flag]) => !flags.includes(flag)));
}

/** Arguments that may name things of the world. */
export type Words =
  | readonly string[]
  | ((world: World) => readonly string[] | Promise<readonly string[]>);

export async function wordsOf(words: Words, world: World): Promise<string[]> {
  return [...(typeof words === "function" ? await words(world) : words)];
}

/** What it prints matches. */
export function prints(words: Words, pattern: RegExp | ((world: World) => RegExp)): Probe {
  return async (world) => {
    const out = await world.target.out(await wordsOf(words, world));
    assert.match(out, typeof pattern === "function" ? pattern(world) : pattern);
  };
}

/** It prints JSON, of which that is true. */
export function printsJson(words: Words, holds: (document: never, world: World) => unknown): Probe {
  return async (world) => {
    const out = await world.target.out(await wordsOf(words, world));
    assert.ok(holds(JSON.parse(out) as never, world), out);
  };
}

/** It is refused with that status, and says why in one line. */
export function refuses(words: Words, status: number, why: RegExp): Probe {
  return async (world) => {
    const result = await world.target.crish(await wordsOf(words, world));
    assertRefused(result, status, why);
  };
}

export function assertRefused(result: RunResult, status: number, why: RegExp): void {
  assert.equal(result.status, status, result.stdout + result.stderr);
  assert.equal(result.stdout, "");
  assert.match(result.stderr, why);
}

/** One run in a world for several flags that are given together. */
export function shared(flags: readonly string[], probe: Probe): Probes {
  const runs = new WeakMap<World, Promise<void>>();
  const once: Probe = (world) => {
    const run = runs.get(world) ?? probe(world);
    runs.set(world, run);
    return run;
  };
  return Object.fromEntries(flags.map((flag) => [flag, once]));
}

/** One probe on the embedded runtime, another on containerd 1.6. */
export function either(probes: { readonly embedded: Probe; readonly containerd: Probe }): Probe {
  return (world) => probes[world.target.name](world);
}

/** The forms of a document that a command prints. */
export function documents(words: Words, key: string): Probes {
  const and =
    (...more: string[]) =>
    async (world: World) => [...(await wordsOf(words, world)), ...more];
  return {
    "--output": async (world) => {
      await printsJson(and("-o", "json"), (document) => key in (document as object))(world);
      await prints(and("-o", "yaml"), new RegExp(`^${key}:`, "m"))(world);
    },
    "--template": prints(
      and("-o", "go-template", "--template", `{{with .${key}}}there{{end}}`),
      /^(there\n?)+$/,
    ),
  };
}
