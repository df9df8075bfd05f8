import type { Command, CommandInput, FlagSpec } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { type ExecOptions, runExec } from "../cli/exec/run-exec.ts";
import { CONTAINER_FILTER_FLAGS } from "../cli/flag-sets.ts";
import { printError } from "../cli/print-error.ts";
import { resolveContainer } from "../cli/resolve-objects.ts";
import { selectContainers } from "../cli/select-containers.ts";
import { readDialOptions, STREAM_FLAGS } from "../cli/stream-flags.ts";
import type { ExecOverrides } from "../cri/backend.ts";
import { EXIT, toExitCode } from "../errors/exit-code.ts";
import { hasCode, StatusError } from "../errors/status-error.ts";

const FULL_ID = /^[0-9a-f]{64}$/;

/** -s is --sync here; and the shell's pod is no filter: that would mean each of its containers. */
const FILTERS: readonly FlagSpec[] = CONTAINER_FILTER_FLAGS.map(
  ({ short, fromContext: _, ...flag }) =>
    short === undefined || flag.name === "state" ? flag : { ...flag, short },
);

/** Runs a command in a container. */
export const exec: Command = {
  spec: {
    name: "exec",
    summary: "run a command in a running container",
    description: [
      "The command's status is passed on: 126 where it cannot run, 127 where it is not there, 128+n",
      "where signal n ended it; 125 is a failure of crish's own. With filters in place of CONTAINER",
      "it runs in each container that they leave.",
      "-e sets a variable here: crictl's -e is --ignore-errors.",
      "Over CRI, -e and -w are done by the container's own env and sh; -u is embedded only.",
    ].join("\n"),
    examples: [
      { line: "crish exec -it web sh", meaning: "A shell in it" },
      { line: "crish exec -e LANG=C -w /tmp web ls", meaning: "With a variable, in a directory" },
      { line: "crish exec --label app=shop uptime", meaning: "In all running ones of a label" },
    ],
    args: [
      {
        name: "container",
        meaning: "ID, unique prefix, name, or namespace/pod/container; then COMMAND [ARG...]",
        required: true,
        unless: FILTERS.map(({ name }) => name),
        completion: "container",
      },
    ],
    flags: [
      { name: "interactive", short: "i", type: "boolean", meaning: "pass stdin on" },
      { name: "tty", short: "t", type: "boolean", meaning: "with a terminal" },
      {
        name: "user",
        short: "u",
        type: "string",
        meaning: "as this user",
        placeholder: "USER[:GROUP]",
      },
      {
        name: "env",
        short: "e",
        type: "string",
        repeat: true,
        meaning: "set a variable; without = as it is here",
        placeholder: "KEY=VALUE",
      },
      {
        name: "workdir",
        short: "w",
        type: "string",
        meaning: "in this directory",
        placeholder: "DIR",
      },
      {
        name: "sync",
        short: "s",
        type: "boolean",
        meaning: "one call, output at the end",
        exclusive: ["interactive", "tty"],
      },
      {
        name: "timeout",
        type: "duration",
        meaning: "limit for the command, with --sync; 0 is none",
        placeholder: "SECONDS",
      },
      { name: "ignore-errors", type: "boolean", meaning: "status 0 whatever happens" },
      { name: "quiet", short: "q", type: "boolean", meaning: "no line with the container's ID" },
      { name: "parallel", short: "x", type: "boolean", meaning: "in all containers at once" },
      ...FILTERS,
      ...STREAM_FLAGS,
    ],
    object: "container",
    objectStates: ["running"],
    stopAfterArgs: 1,
    needsRest: true,
    restCompletion: "container-path",
    passesExitStatus: true,
    group: "containers",
  },
  async run(context, input) {
    const { flags } = input;
    const isFiltered = FILTERS.some(
      ({ name }) => flags[name] !== undefined && flags[name] !== false,
    );
    const first = typeof input.args.container === "string" ? input.args.container : "";
    const command = isFiltered ? [first, ...input.rest] : input.rest;
    if (command.length === 0 || command[0] === "") {
      throw new StatusError("InvalidArgument", "exec needs a COMMAND after the container", {
        hint: `crish exec ${first || "--name NAME"} sh`,
      });
    }
    const shared = { ...(await execOptions(context, input)), command };
    const status = isFiltered
      ? await execInEach(context, input, shared)
      : await execInOne(context, first, { ...shared, isOnly: true });
    return flags["ignore-errors"] === true ? EXIT.success : status;
  },
};

type SharedOptions = Omit<ExecOptions, "containerId" | "isOnly">;

async function execOptions(
  context: Context,
  { flags }: CommandInput,
): Promise<Omit<SharedOptions, "command">> {
  const sync = flags.sync === true;
  const timeoutMs = typeof flags.timeout === "number" ? flags.timeout : 0;
  if (timeoutMs < 0) throw new StatusError("InvalidArgument", "--timeout is negative");
  if (timeoutMs > 0 && !sync) {
    throw new StatusError("InvalidArgument", "--timeout is for --sync");
  }
  return {
    overrides: readOverrides(context, flags),
    stdin: flags.interactive === true,
    tty: flags.tty === true,
    sync,
    timeoutMs,
    dial: await readDialOptions(context, flags),
  };
}

function readOverrides(context: Context, flags: CommandInput["flags"]): ExecOverrides {
  const words = Array.isArray(flags.env) ? (flags.env as readonly string[]) : [];
  const env = words.flatMap((word) => {
    if (word.startsWith("=") || word === "") {
      throw new StatusError("InvalidArgument", `-e wants KEY=VALUE, not "${word}"`, {
        hint: "crictl's -e is --ignore-errors here",
      });
    }
    if (word.includes("=")) return [word];
    const value = context.env[word];
    return value === undefined ? [] : [`${word}=${value}`];
  });
  const cwd = flags.workdir;
  if (typeof cwd === "string" && !cwd.startsWith("/")) {
    throw new StatusError("InvalidArgument", `-w wants an absolute path, not "${cwd}"`);
  }
  return {
    ...(typeof flags.user === "string" && flags.user !== "" ? { user: flags.user } : {}),
    ...(env.length > 0 ? { env } : {}),
    ...(typeof cwd === "string" ? { cwd } : {}),
  };
}

/** A full ID needs no list of containers: only where the runtime knows none such, it may be a name. */
async function execInOne(
  context: Context,
  reference: string,
  options: Omit<ExecOptions, "containerId">,
): Promise<number> {
  if (FULL_ID.test(reference)) {
    try {
      return await runExec(context, { ...options, containerId: reference });
    } catch (error) {
      if (!hasCode(error, "NotFound")) throw error;
      if ((await resolveContainer(context, reference)).id === reference) throw error;
    }
  }
  const { id } = await resolveContainer(context, reference);
  return await runExec(context, { ...options, containerId: id });
}

/** One after the other, or with --parallel at once. Resolves to the first failure's status. */
async function execInEach(
  context: Context,
  { flags }: CommandInput,
  shared: SharedOptions,
): Promise<number> {
  const { containers } = await selectContainers(context, flags, { defaultState: "running" });
  if (containers.length === 0) {
    await context.stderr.write("no containers match\n");
    return EXIT.success;
  }
  if (containers.length > 1 && (shared.stdin || shared.tty)) {
    throw new StatusError(
      "InvalidArgument",
      `-i and -t are for one container, and the filters leave ${containers.length}`,
    );
  }
  const isOnly = containers.length === 1;
  const one = async (containerId: string): Promise<number> => {
    try {
      return await runExec(context, { ...shared, containerId, isOnly });
    } catch (error) {
      if (context.signal.aborted) throw error;
      await printError(context.stderr, error);
      return toExitCode(error) === EXIT.interrupted ? EXIT.interrupted : EXIT.execFailed;
    }
  };
  const statuses: number[] = [];
  if (flags.parallel === true) {
    statuses.push(...(await Promise.all(containers.map(({ id }) => one(id)))));
  } else {
    for (const { id } of containers) {
      if (flags.quiet !== true) await context.stdout.write(`${id}:\n`);
      statuses.push(await one(id));
    }
  }
  return statuses.find((status) => status !== EXIT.success) ?? EXIT.success;
}
