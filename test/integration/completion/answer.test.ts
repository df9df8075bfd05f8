import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { type CompletionPlace, createCompletionPlace } from "../../support/completion-place.ts";
import { crish } from "../../support/crish.ts";

for (const [name, create] of [
  ["embedded", embeddedCli],
  ["containerd", containerdCli],
] as const) {
  describe(`what the completion scripts are told by ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let place: CompletionPlace;
    let id: string;
    before(async () => {
      target = await create(cleanup);
      place = await createCompletionPlace(cleanup, target.env);
      id = await target.runDetached("web", ["sleep", "1000"]);
      // No name here begins with a digit of an ID.
      await target.runDetached("over", ["true"]);
    });

    /** Candidates of the last word of the line. */
    const ask = async (line: string, fits: (texts: readonly string[]) => boolean) => {
      const words = line.split(" ");
      const question = ["zsh", words.at(-1) ?? "", "crish", ...words.slice(0, -1)];
      const textsOf = (lines: readonly string[]) =>
        lines.slice(1).map((each) => each.split("\t")[0] ?? "");
      return textsOf(await place.answer(question, (lines) => fits(textsOf(lines))));
    };
    const asks = async (line: string, expected: readonly string[]) => {
      await ask(line, (texts) => JSON.stringify(texts) === JSON.stringify(expected));
    };

    it("names containers, those first in which the verb can act", async () => {
      await asks("logs ", ["over", "web"]);
      await asks("exec ", ["web"]);
      await asks("stop o", ["over"]);
    });

    it("tells state and pod beside a name", async () => {
      const lines = await place.answer(["zsh", "we", "crish", "logs"], (all) => all.length > 1);
      assert.deepEqual(lines, ["", "web\t\trunning, default/web"]);
    });

    it("completes IDs once a digit is typed", async () => {
      await asks(`logs ${id.slice(0, 5)}`, [id.slice(0, 13)]);
      await asks(`logs ${id.slice(0, 20)}`, [id]);
    });

    it("completes paths of objects", async () => {
      await asks("logs default/w", ["default/web/web"]);
      await asks("inspectp default/w", ["default/web"]);
      await asks("inspectp defau", ["default/"]);
    });

    it("offers no object twice", async () => {
      await asks("rm web ", ["over"]);
      await asks(`inspect ${id.slice(0, 6)} `, ["over"]);
    });

    it("offers containers and files where cp takes both", async () => {
      await writeFile(join(place.directory, "web site.tar"), "");
      await asks("cp we", ["web:", "web site.tar"]);
      await asks("cp x ", ["web:"]);
      const answer = await place.answer(["bash", "crish cp we", ":="], (all) => all.length > 2);
      assert.deepEqual(answer, ["nospace", "web:", "web\\ site.tar"]);
    });

    it("completes image references with : and /", async () => {
      await asks("rmi localhost/b", [target.image]);
      await asks("run localhost/busybox:t", [target.image]);
    });

    it("completes programs and paths inside the container without a tool of its image", async () => {
      const programs = await ask("exec web ba", (all) => all.includes("basename"));
      assert.ok(programs.every((text) => text.startsWith("ba")));
      await asks("exec web ls /pro", ["/proc/"]);
      await asks("exec web -- cat /proc/sys/kerne", ["/proc/sys/kernel/"]);
    });

    it("follows links inside the container as the container does", async () => {
      await target.out([
        "exec",
        "web",
        "sh",
        "-c",
        "mkdir -p /srv/inner; ln -s /srv /abs; touch '/srv/a b'",
      ]);
      await asks("exec web ls /abs/", ["/abs/a b", "/abs/inner/"]);
      await target.out(["exec", "web", "ln", "-s", "../../../../..", "/srv/up"]);
      await asks("exec web ls /srv/up/sr", ["/srv/up/srv/"]);
    });

    it("leaves out names that a terminal would obey", async () => {
      const names = ["a\\033[2Jb", "a\\342\\200\\256b"].map(
        (name) => `"/evil/$(printf '${name}')"`,
      );
      const hostile = `mkdir /evil; touch ${names.join(" ")} /evil/good`;
      await target.out(["exec", "web", "sh", "-c", hostile]);
      await asks("exec web ls /evil/", ["/evil/good"]);
    });

    it("asks the runtime that the line names", async () => {
      const nowhere = { CONTAINER_RUNTIME_ENDPOINT: "unix:///nowhere.sock" };
      const endpoint = target.env.CONTAINER_RUNTIME_ENDPOINT ?? "";
      for (const words of [
        ["-r", endpoint, "logs"],
        ["logs", `--runtime-endpoint=${endpoint}`],
      ]) {
        const question = ["zsh", "we", "crish", ...words];
        const lines = await place.answer(question, (all) => all.length > 1, nowhere);
        assert.match(lines[1] ?? "", /^web\t/);
      }
      assert.deepEqual(await place.answer(["zsh", "we", "crish", "logs"], () => true, nowhere), [
        "",
      ]);
    });
  });
}

describe("what the completion scripts are told without a runtime", () => {
  const cleanup = cleanupAfter();
  let place: CompletionPlace;
  before(async () => {
    place = await createCompletionPlace(cleanup, { CONTAINER_RUNTIME_ENDPOINT: "embedded:" });
  });
  const anything = () => true;

  it("tells commands and flags with their meaning", async () => {
    const verbs = await place.answer(["fish", "", "crish"], anything);
    assert.ok(verbs.includes("ps\t\tlist containers"));
    const flags = await place.answer(["fish", "--fol", "crish", "logs"], anything);
    assert.deepEqual(flags, ["", "--follow\t\twait for more until it ends"]);
  });

  it("makes no root where there is none", async () => {
    const env = {
      CRISH_ROOT: join(place.directory, "root"),
      CRISH_STATE: join(place.directory, "state"),
    };
    assert.deepEqual(await place.answer(["zsh", "", "crish", "logs"], anything, env), [""]);
    assert.deepEqual(await place.answer(["zsh", "", "crish", "rmi"], anything, env), [""]);
    assert.ok(!existsSync(env.CRISH_ROOT) && !existsSync(env.CRISH_STATE));
  });

  it("says nothing where the endpoint, the configuration or the question is wrong", async () => {
    for (const words of [
      ["-r", "unix:///nowhere.sock", "logs"],
      ["-r", "nonsense://", "logs"],
      ["--config", "/nowhere.yaml", "logs"],
      ["--timeout", "x", "logs"],
      ["nothing"],
      ["exec", "web", "ls"],
    ]) {
      assert.deepEqual(
        await place.answer(["zsh", "", "crish", ...words], anything),
        [""],
        String(words),
      );
    }
    assert.equal((await crish(["internal", "complete"])).status, 0);
    assert.equal((await crish(["internal", "complete", "nothing", "x"])).status, 0);
  });

  it("does not wait for an endpoint that accepts and never answers", async () => {
    const server = createServer((socket) => void socket.on("error", () => {}).resume());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanup.add(
      "close the server",
      () => new Promise<void>((resolve) => void server.close(() => resolve())),
    );
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const question = ["zsh", "", "crish", "-r", `tcp://127.0.0.1:${port}`, "logs"];
    assert.deepEqual(await place.answer(question, anything), [""]);
  });

  it("offers the embedded runtime and any socket's path to -r", async () => {
    const question = ["zsh", "em", "crish", "-r"];
    assert.deepEqual(await place.answer(question, anything), [
      "",
      "embedded:\t\tthe runtime of crish",
    ]);
    const path = `unix://${place.directory}/crish.f`;
    const found = await place.answer(["zsh", path, "crish", "-r"], anything);
    assert.deepEqual(found, ["", `${path}ish\t\t`]);
    const inBash = await place.answer(["bash", `crish -r ${path}`, ":="], anything);
    assert.deepEqual(inBash, ["", `//${place.directory}/crish.fish`]);
  });

  it("leaves files to the shell", async () => {
    assert.deepEqual(await place.answer(["zsh", "po", "crish", "runp"], anything), ["files"]);
    assert.deepEqual(await place.answer(["zsh", "--config=x", "crish"], anything), ["files"]);
    assert.deepEqual(await place.answer(["bash", "crish --config=x", ":="], anything), ["files"]);
    const own = await place.answer(["bash", "crish --config=crish.f", ":"], anything);
    assert.deepEqual(own, ["", "--config=crish.fish"]);
  });
});
