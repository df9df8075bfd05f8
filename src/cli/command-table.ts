/**
 * Every verb of crish, by name: the one list that the parser, help, the REPL, completion and the
 * manual pages read. A verb's file is loaded when the verb is wanted, and it loads heavy modules
 * only when it runs; so the whole table can be loaded for help at little cost.
 */
import type { Command } from "./command.ts";

export interface CommandEntry {
  /** The same as in the specification, here so that a name finds its file without loading others. */
  readonly name: string;
  readonly aliases: readonly string[];
  load(): Promise<Command>;
}

export const COMMAND_TABLE: readonly CommandEntry[] = [
  entry("runp", [], async () => (await import("../commands/runp.ts")).runp),
  entry("pods", [], async () => (await import("../commands/pods.ts")).pods),
  entry("tree", [], async () => (await import("../commands/tree.ts")).tree),
  entry("inspectp", [], async () => (await import("../commands/inspectp.ts")).inspectp),
  entry("stopp", [], async () => (await import("../commands/stopp.ts")).stopp),
  entry("rmp", [], async () => (await import("../commands/rmp.ts")).rmp),
  entry("statsp", [], async () => (await import("../commands/statsp.ts")).statsp),
  entry("updatep", [], async () => (await import("../commands/updatep.ts")).updatep),
  entry("metricsp", [], async () => (await import("../commands/metricsp.ts")).metricsp),
  entry("port-forward", [], async () => (await import("../commands/port-forward.ts")).portForward),
  entry("apply", [], async () => (await import("../commands/apply.ts")).apply),
  entry("delete", [], async () => (await import("../commands/delete.ts")).deleteVerb),
  entry("generate", [], async () => (await import("../commands/generate.ts")).generate),
  entry("create", [], async () => (await import("../commands/create.ts")).create),
  entry("start", [], async () => (await import("../commands/start.ts")).start),
  entry("run", [], async () => (await import("../commands/run.ts")).run),
  entry("ps", [], async () => (await import("../commands/ps.ts")).ps),
  entry("inspect", [], async () => (await import("../commands/inspect.ts")).inspect),
  entry("stats", [], async () => (await import("../commands/stats.ts")).stats),
  entry("events", ["event"], async () => (await import("../commands/events.ts")).events),
  entry("top", [], async () => (await import("../commands/top.ts")).top),
  entry("exec", [], async () => (await import("../commands/exec.ts")).exec),
  entry("attach", [], async () => (await import("../commands/attach.ts")).attach),
  entry("cp", [], async () => (await import("../commands/cp.ts")).cp),
  entry("logs", [], async () => (await import("../commands/logs.ts")).logs),
  entry("stop", [], async () => (await import("../commands/stop.ts")).stop),
  entry("update", [], async () => (await import("../commands/update.ts")).update),
  entry("checkpoint", [], async () => (await import("../commands/checkpoint.ts")).checkpoint),
  entry("restart", [], async () => (await import("../commands/restart.ts")).restart),
  entry("rm", [], async () => (await import("../commands/rm.ts")).rm),
  entry("wait", [], async () => (await import("../commands/wait.ts")).wait),
  entry("pid", [], async () => (await import("../commands/pid.ts")).pid),
  entry("whois", [], async () => (await import("../commands/whois.ts")).whois),
  entry("pull", [], async () => (await import("../commands/pull.ts")).pull),
  entry("push", [], async () => (await import("../commands/push.ts")).push),
  entry("save", [], async () => (await import("../commands/save.ts")).save),
  entry("load", [], async () => (await import("../commands/load.ts")).load),
  entry("images", ["image", "img"], async () => (await import("../commands/images.ts")).images),
  entry("inspecti", [], async () => (await import("../commands/inspecti.ts")).inspecti),
  entry("history", [], async () => (await import("../commands/history.ts")).history),
  entry("tag", [], async () => (await import("../commands/tag.ts")).tag),
  entry("untag", [], async () => (await import("../commands/untag.ts")).untag),
  entry("rmi", [], async () => (await import("../commands/rmi.ts")).rmi),
  entry("imagefsinfo", [], async () => (await import("../commands/imagefsinfo.ts")).imagefsinfo),
  entry("prune", [], async () => (await import("../commands/prune.ts")).prune),
  entry("login", [], async () => (await import("../commands/login.ts")).login),
  entry("logout", [], async () => (await import("../commands/logout.ts")).logout),
  entry("info", [], async () => (await import("../commands/info.ts")).info),
  entry(
    "runtime-config",
    [],
    async () => (await import("../commands/runtime-config.ts")).runtimeConfig,
  ),
  entry(
    "update-runtime-config",
    [],
    async () => (await import("../commands/update-runtime-config.ts")).updateRuntimeConfig,
  ),
  entry("metricdescs", [], async () => (await import("../commands/metricdescs.ts")).metricdescs),
  entry("doctor", [], async () => (await import("../commands/doctor.ts")).doctor),
  entry("bundle", [], async () => (await import("../commands/bundle.ts")).bundle),
  entry("version", [], async () => (await import("../commands/version.ts")).version),
  entry("config", [], async () => (await import("../commands/config.ts")).config),
  entry("context", [], async () => (await import("../commands/context.ts")).context),
  entry("serve", [], async () => (await import("../commands/serve.ts")).serve),
  entry("completion", [], async () => (await import("../commands/completion.ts")).completion),
  entry("repl", ["shell"], async () => (await import("../commands/repl.ts")).repl),
];

/** The verb of that name or alias; undefined for an unknown one. */
export function findCommand(
  name: string,
  table: readonly CommandEntry[] = COMMAND_TABLE,
): CommandEntry | undefined {
  for (const candidate of table) {
    if (candidate.name === name || candidate.aliases.includes(name)) return candidate;
  }
  return undefined;
}

/** Loads every verb, in the table's order. */
export function loadAllCommands(
  table: readonly CommandEntry[] = COMMAND_TABLE,
): Promise<readonly Command[]> {
  return Promise.all(table.map((candidate) => candidate.load()));
}

function entry(
  name: string,
  aliases: readonly string[],
  load: () => Promise<Command>,
): CommandEntry {
  return { name, aliases, load };
}
