import assert from "node:assert/strict";
import { once } from "node:events";
import { CLI_IMAGE } from "../cli-target.ts";
import { waitUntil } from "../wait-until.ts";
import {
  documents,
  either,
  type Probe,
  type Probes,
  prints,
  printsJson,
  refuses,
  type Words,
  without,
  wordsOf,
} from "./probe.ts";
import type { World } from "./world.ts";

/** IDs of what a command lists with those flags. */
type Lister = (world: World, flags: readonly string[]) => Promise<readonly string[]>;

const lines = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");
const quiet =
  (verb: string): Lister =>
  async ({ target }, flags) =>
    lines(await target.out([verb, "-q", ...flags]));
const inspected =
  (verb: string): Lister =>
  async ({ target }, flags) => {
    const text = await target.out([verb, "-o", "json", ...flags]);
    return text === "" ? [] : [JSON.parse(text)].flat().map(({ status }) => status.id);
  };
const measured =
  (verb: string): Lister =>
  async ({ target }, flags) => {
    const { stats } = JSON.parse(await target.out([verb, "-o", "json", ...flags]));
    return stats.map(({ attributes }: { attributes: { id: string } }) => attributes.id);
  };
/** Those in which exec runs: their IDs stand before what each wrote. */
const entered: Lister = async ({ target }, flags) => {
  const out = await target.out(["exec", ...flags, "echo", "in"]);
  return lines(out)
    .filter((line) => line !== "in")
    .map((line) => line.replace(/:$/, ""));
};

function lists(lister: Lister, flags: Words, expected: (world: World) => readonly string[]): Probe {
  return async (world) => {
    const found = await lister(world, await wordsOf(flags, world));
    assert.deepEqual(found.toSorted(), expected(world).toSorted());
  };
}

const web = (world: World) => [world.web];
const jobs = (world: World) => world.job;
const all = (world: World) => [world.web, ...world.job];

/** Filters of containers; `any` makes the command look at those that have ended as well. */
function containerFilters(lister: Lister, any: readonly string[]): Probes {
  return {
    "--id": lists(lister, (world) => ["--id", world.web], web),
    "--name": lists(lister, [...any, "--name", "^we"], web),
    "--namespace": lists(lister, [...any, "--namespace", "^(shop|none)$", "--name", "web"], web),
    "--pod": lists(lister, (world) => ["--pod", world.front], web),
    "--image": lists(lister, ["--image", CLI_IMAGE], web),
    "--label": lists(lister, [...any, "--label", "part=web"], web),
    "--latest": lists(lister, ["--latest"], web),
    "--last": lists(lister, ["--last", "1"], web),
  };
}

const endedToo: Probes = {
  "--state": lists(quiet("ps"), ["--state", "EXITED"], jobs),
  "--all": lists(quiet("ps"), ["--all"], all),
  "--last": lists(quiet("ps"), ["--last", "2"], (world) => [world.web, world.job[1]]),
};

function podFilters(lister: Lister): Probes {
  const front = (world: World) => [world.front];
  const gone = (world: World) => [world.gone];
  return {
    "--id": lists(lister, (world) => ["--id", world.front], front),
    "--name": lists(lister, ["--name", "^fro"], front),
    "--namespace": lists(lister, ["--namespace", "^rest$"], gone),
    "--state": lists(lister, ["--state", "notready"], gone),
    "--label": lists(lister, ["--label", "app=front"], front),
    "--latest": lists(lister, ["--latest"], front),
    "--last": lists(lister, ["--last", "2"], (world) => [world.front, world.gone]),
  };
}

/** A command that goes on: it prints more than once. */
function goesOn(words: readonly string[], again: RegExp): Probe {
  return async ({ target }) => {
    const child = target.spawn([...words]);
    const closed = once(child, "close");
    let out = "";
    child.stdout?.on("data", (chunk) => {
      out += chunk;
    });
    await waitUntil("it prints again", async () => (out.match(again) ?? []).length > 1);
    child.kill("SIGINT");
    const [status] = await closed;
    assert.equal(status, 0);
  };
}

const seconds: Probe = async ({ target, web: id }) => {
  const startedAt = Date.now();
  await target.out(["stats", "--seconds", "2", id]);
  assert.ok(Date.now() - startedAt >= 2000);
};

const imageFilters: Probes = {
  "--filter": async ({ target }) => {
    const only = [
      "-f",
      "reference=busybox",
      "-f",
      "dangling=false",
      "--filter",
      `before=${CLI_IMAGE}`,
    ];
    assert.equal(await target.out(["images", "-q", ...only]), "");
    assert.match(await target.out(["images", "-f", "reference=busybox"]), /localhost\/busybox/);
  },
};

const unknownToContainerd = (words: readonly string[], embedded: Probe): Probe =>
  either({
    embedded,
    containerd: refuses(words, 1, /does not|not implement|unimplemented|unknown/i),
  });

export const LIST_PROBES: Readonly<Record<string, Probes>> = {
  ps: {
    ...containerFilters(quiet("ps"), ["-a"]),
    ...endedToo,
    "--verbose": prints(["ps", "--verbose"], ({ web: id }) => new RegExp(`^ID: ${id}$`, "m")),
    "--quiet": prints(["ps", "--quiet"], ({ web: id }) => new RegExp(`^${id}$`)),
    "--output": documents(["ps"], "containers")["--output"] as Probe,
    "--no-trunc": prints(["ps", "--no-trunc"], ({ web: id }) => new RegExp(`^${id} `, "m")),
    "--resolve-image-path": prints(["ps", "-r"], /localhost\/busybox/),
  },
  inspect: {
    ...without(containerFilters(inspected("inspect"), ["-a"]), "--id"),
    ...documents(["inspect", "web"], "status"),
    "--all": lists(inspected("inspect"), ["--all"], all),
    "--state": lists(inspected("inspect"), ["--state", "exited"], jobs),
    "--quiet": printsJson(["inspect", "--quiet", "web"], (document) => !("info" in document)),
  },
  exec: without(containerFilters(entered, ["--state", "running"]), "--id", "--namespace"),
  stats: {
    "--id": lists(measured("stats"), (world) => ["--id", world.web], web),
    "--label": lists(measured("stats"), ["--label", "part=web"], web),
    "--pod": async (world) => {
      await lists(measured("stats"), (w) => ["--pod", w.front, "--label", "part=web"], web)(world);
      await lists(
        measured("stats"),
        (w) => ["--pod", w.gone],
        () => [],
      )(world);
    },
    "--all": lists(measured("stats"), ["--all", "--label", "part=web"], web),
    "--output": documents(["stats"], "stats")["--output"] as Probe,
    "--seconds": seconds,
    "--watch": goesOn(["stats", "--watch", "-s", "0.2", "web"], /./g),
  },
  statsp: {
    "--id": lists(
      measured("statsp"),
      (world) => ["--id", world.front],
      (world) => [world.front],
    ),
    "--label": lists(measured("statsp"), ["--label", "app=front"], (world) => [world.front]),
    "--output": documents(["statsp"], "stats")["--output"] as Probe,
    "--seconds": prints(["statsp", "--seconds", "0.2", "front"], /front/),
    "--watch": goesOn(["statsp", "--watch", "-s", "0.2", "front"], /./g),
  },
  pods: {
    ...podFilters(quiet("pods")),
    "--verbose": prints(["pods", "--verbose"], ({ front }) => new RegExp(`^ID: ${front}$`, "m")),
    "--quiet": prints(["pods", "--quiet"], ({ front }) => new RegExp(`^${front}$`, "m")),
    "--output": documents(["pods"], "items")["--output"] as Probe,
    "--no-trunc": prints(["pods", "--no-trunc"], ({ front }) => new RegExp(`^${front} `, "m")),
  },
  inspectp: {
    ...without(podFilters(inspected("inspectp")), "--id"),
    ...documents(["inspectp", "front"], "status"),
    "--quiet": printsJson(["inspectp", "--quiet", "front"], (document) => !("info" in document)),
  },
  images: {
    ...imageFilters,
    "--verbose": prints(["images", "--verbose"], /^ID: sha256:[0-9a-f]{64}$/m),
    "--quiet": prints(["images", "--quiet"], /^(sha256:[0-9a-f]{64}\n?)+$/),
    "--output": documents(["images"], "images")["--output"] as Probe,
    "--digests": prints(["images", "--digests"], /^IMAGE.* DIGEST/),
    "--no-trunc": prints(["images", "--no-trunc"], /sha256:[0-9a-f]{64}/),
    "--pinned": prints(["images", "--pinned"], /^IMAGE.* PINNED/),
  },
  inspecti: {
    ...documents(["inspecti", CLI_IMAGE], "status"),
    "--quiet": printsJson(["inspecti", "-q", CLI_IMAGE], (document) => !("info" in document)),
    "--name": printsJson(
      ["inspecti", "--name", CLI_IMAGE],
      ({ status }: never) => status !== undefined,
    ),
    "--filter": prints(["inspecti", "--filter", "reference=busybox"], /localhost\/busybox:test/),
  },
  imagefsinfo: documents(["imagefsinfo"], "status"),
  info: {
    ...documents(["info"], "status"),
    "--quiet": printsJson(["info", "--quiet"], (document) => !("config" in document)),
  },
  metricdescs: {
    "--output": unknownToContainerd(
      ["metricdescs", "-o", "yaml"],
      prints(["metricdescs", "-o", "yaml"], /^descriptors:/),
    ),
  },
  metricsp: {
    "--output": unknownToContainerd(
      ["metricsp", "-o", "yaml"],
      prints(["metricsp", "-o", "yaml"], /^podMetrics:/),
    ),
    "--watch": unknownToContainerd(
      ["metricsp", "--watch"],
      goesOn(["metricsp", "--watch"], /podMetrics/g),
    ),
  },
};
