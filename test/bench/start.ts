/**
 * npm run bench:start: how long whole commands of dist/crish ($CRISH_BIN) take, beside crictl where
 * $CRICTL names one, else beside Debian's ctr. Prints medians, ratios and the aims; asserts nothing.
 * BENCH_ROUNDS makes a run shorter or longer.
 *
 * What ctr stands for was measured on other machines: crictl `ps` takes 2.0 of `ctr containers ls`,
 * crictl `--version` 1.3 of `ctr --version`. Nothing like it is known of exec: crictl's is taken for
 * ctr's and what crictl's own start takes more than ctr's, which is the smallest it can be.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createCleanup } from "../support/cleanup.ts";
import { crishCommand } from "../support/crish.ts";
import { medianTimes, type TimedCommand } from "./hyperfine.ts";
import { type StartPlace, startPlaces } from "./start-places.ts";
import { renderStartTable, type StartFigure } from "./start-table.ts";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 20);
const RUNS_PER_ROUND = 2;
const SCRIPT_LINES = 200;
const PS_OF_CTR = 2.0;
const VERSION_OF_CTR = 1.3;
const CRICTL = process.env.CRICTL || undefined;

const cleanup = createCleanup();
try {
  const places = await startPlaces(cleanup);
  const figures = await measure(places);
  process.stdout.write(renderStartTable(figures, CRICTL === undefined ? "ctr" : "crictl"));
} finally {
  await cleanup.run();
}

async function measure(places: readonly StartPlace[]): Promise<StartFigure[]> {
  const containerd = places.find(({ name }) => name === "containerd");
  if (containerd === undefined) throw new Error("there is no containerd");
  const { directory } = containerd;
  const script = join(directory, "many.crish");
  const single = join(directory, "single.crish");
  await writeFile(script, "ps\n".repeat(SCRIPT_LINES));
  await writeFile(single, "ps\n");
  const env = {
    PATH: process.env.PATH,
    HOME: "/nonexistent",
    LANG: "C.UTF-8",
    CRI_CONFIG_FILE: "/dev/null",
    ...Object.assign({}, ...places.map((place) => place.env)),
  };
  // What is compared stands side by side, so that the machine treats it alike.
  const [theirVersion, theirHelp, theirPs, theirExec] = yardsticks(containerd);
  const each = (task: string, words: (place: StartPlace) => readonly string[]) =>
    places.flatMap((place) =>
      ours(`${task} ${place.name}`, ["-r", place.endpoint, ...words(place)]),
    );
  const commands = [
    ...[theirVersion, ...ours("--version", ["--version"])],
    ...[theirHelp, ...ours("help", ["help"])],
    ...[theirPs, ...each("ps", () => ["ps"])],
    ...[theirExec, ...each("exec", ({ id }) => ["exec", id, "true"])],
    ...each("single", () => ["-f", single]),
    ...each("script", () => ["-f", script]),
  ];
  const options = { rounds: ROUNDS, runsPerRound: RUNS_PER_ROUND, env, directory };
  const medians = medianTimes(commands, options);
  return figuresOf((name) => medians.get(name) ?? Number.NaN);
}

function ours(name: string, words: readonly string[]): TimedCommand[] {
  const { command, args } = crishCommand();
  return [{ name, words: [command, ...args, ...words] }];
}

type Yardsticks = readonly [TimedCommand, TimedCommand, TimedCommand, TimedCommand];

/** The same tasks for crictl, else the nearest that ctr can do. */
function yardsticks({ endpoint, id }: StartPlace): Yardsticks {
  if (CRICTL !== undefined) {
    return [
      { name: "their --version", words: [CRICTL, "--version"] },
      { name: "their help", words: [CRICTL, "--help"] },
      { name: "their ps", words: [CRICTL, "-r", endpoint, "ps"] },
      { name: "their exec", words: [CRICTL, "-r", endpoint, "exec", id, "true"] },
    ];
  }
  const ctr = ["ctr", "-a", endpoint.replace(/^unix:\/\//, ""), "-n", "k8s.io"];
  return [
    { name: "their --version", words: ["ctr", "--version"] },
    { name: "their help", words: ["ctr", "--help"] },
    { name: "their ps", words: [...ctr, "containers", "ls"] },
    { name: "their exec", words: [...ctr, "tasks", "exec", "--exec-id", "bench", id, "true"] },
  ];
}

function figuresOf(median: (name: string) => number): StartFigure[] {
  const stands = CRICTL === undefined;
  const crictlPs = median("their ps") * (stands ? PS_OF_CTR : 1);
  const crictlVersion = median("their --version") * (stands ? VERSION_OF_CTR : 1);
  const crictlHelp = median("their help") * (stands ? VERSION_OF_CTR : 1);
  const crictlExec = median("their exec") + (stands ? crictlPs - median("their ps") : 0);
  const compare = (name: string, theirs: string, crictlMs: number, aim: number): StartFigure => ({
    task: name,
    ms: median(name),
    theirMs: median(theirs),
    crictlMs,
    aim,
  });
  return [
    compare("--version", "their --version", crictlVersion, 0.7),
    compare("help", "their help", crictlHelp, 2.5),
    ...["containerd", "embedded"].flatMap((place) => [
      compare(`ps ${place}`, "their ps", crictlPs, 0.6),
      compare(`exec ${place}`, "their exec", crictlExec, 0.9),
      {
        task: `${SCRIPT_LINES} × ps in a script, ${place}`,
        ms: median(`script ${place}`),
        theirMs: median("their ps") * SCRIPT_LINES,
        crictlMs: crictlPs * SCRIPT_LINES,
        aim: 0.05,
      },
      {
        task: `a warm ps, ${place}`,
        ms: (median(`script ${place}`) - median(`single ${place}`)) / (SCRIPT_LINES - 1),
        aimMs: 2,
      },
    ]),
  ];
}
