import assert from "node:assert/strict";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../support/cli-target.ts";
import { type FakeRegistry, startFakeRegistry } from "../support/fake-registry.ts";
import { buildImage } from "../support/image-builder.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { openTerminal } from "../support/terminal.ts";
import { uniqueSuffix } from "../support/unique.ts";

/** No other process of the node has it. */
const SECRET = `s3cret-${uniqueSuffix()}`;
const PROOF = Buffer.from(`anna:${SECRET}`).toString("base64");

describe("login", () => {
  const cleanup = cleanupAfter();
  const targets: CliTarget[] = [];
  let registry: FakeRegistry;
  let home: string;
  let config: string;

  before(async () => {
    const image = buildImage({ layers: [[{ path: "file", data: Buffer.from("x") }]] });
    registry = await startFakeRegistry(cleanup, image);
    registry.intercept = (request, response) => {
      const isRight = request.headers.authorization === `Basic ${PROOF}`;
      if (isRight && request.url !== "/v2/") return false;
      response.writeHead(isRight ? 200 : 401, { "www-authenticate": 'Basic realm="x"' }).end("{}");
      return true;
    };
    home = await temporaryDirectory(cleanup, "login");
    config = join(home, ".docker", "config.json");
    targets.push(...(await Promise.all([embeddedCli(cleanup), containerdCli(cleanup)])));
  });

  function crish(args: string[], options: { input?: string; target?: CliTarget } = {}) {
    const target = options.target ?? targets[0];
    assert.ok(target);
    const env = { HOME: home, XDG_RUNTIME_DIR: join(home, "run"), DOCKER_CONFIG: "" };
    return target.crish(args, { input: options.input ?? "", env });
  }

  const logIn = (password: string, ...flags: string[]) =>
    crish(["login", "-u", "anna", "--password-stdin", ...flags, registry.host], {
      input: `${password}\n`,
    });

  it("stores nothing that the registry refuses", async () => {
    const { status, stdout, stderr } = await logIn("wr0ng-4711", "--debug");
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^crish: the registry ".*" refuses the credentials of "anna"/);
    assert.ok(!stderr.includes("wr0ng-4711"));
    await assert.rejects(stat(config), { code: "ENOENT" });
  });

  it("keeps what it accepts, for pulls on every runtime, until logout", async () => {
    for (const target of targets) {
      const image = `${registry.host}/app:1`;
      const anonymous = await crish(["pull", image], { target });
      assert.notEqual(anonymous.status, 0, `${target.name} pulled without credentials`);
      const { status, stdout, stderr } = await logIn(SECRET, "--debug");
      assert.deepEqual([status, stdout], [0, ""]);
      assert.equal((await stat(config)).mode & 0o777, 0o600);
      assert.match(stderr, /the credentials of "anna" for ".*" are in ".*config\.json"/);
      const pulled = await crish(["--debug", "pull", image], { target });
      assert.equal(pulled.status, 0, pulled.stderr);
      assert.ok(
        ![stderr, pulled.stderr].some((text) => [SECRET, PROOF].some((one) => text.includes(one))),
      );
      const out = await crish(["logout", registry.host]);
      assert.deepEqual([out.status, out.stdout], [0, `${registry.host}\n`]);
      assert.equal((await crish(["logout", registry.host])).status, 4);
      await crish(["rmi", image], { target });
    }
  });

  it("takes a file that is named, for one path of the registry", async () => {
    const file = join(home, "auth.json");
    const flags = ["--auth-file", file];
    const scope = `${registry.host}/team`;
    const login = ["login", "-u", "anna", "--password-stdin", ...flags, scope];
    assert.equal((await crish(login, { input: SECRET })).status, 0);
    for (const target of targets) {
      const outside = await crish(["pull", ...flags, `${registry.host}/other`], { target });
      assert.notEqual(outside.status, 0);
      const inside = await crish(["pull", ...flags, `${registry.host}/team/app`], { target });
      assert.equal(inside.status, 0, inside.stderr);
    }
    assert.deepEqual(Object.keys(JSON.parse(await readFile(file, "utf8")).auths), [scope]);
  });

  it("gives a helper the password through its stdin alone", async () => {
    const bin = join(home, "bin");
    await mkdir(bin);
    const seen = join(home, "seen");
    const memory = join(home, "memory");
    const script = `#!/bin/sh
{ cat /proc/[0-9]*/cmdline | tr '\\0' ' '; env; } >> ${seen}
case $1 in store) cat > ${memory} ;; get) cat ${memory} ;; esac
`;
    await writeFile(join(bin, "docker-credential-spy"), script);
    await chmod(join(bin, "docker-credential-spy"), 0o755);
    await mkdir(join(home, ".docker"), { recursive: true });
    await writeFile(config, JSON.stringify({ credsStore: "spy" }));
    const env = {
      HOME: home,
      XDG_RUNTIME_DIR: join(home, "run"),
      DOCKER_CONFIG: "",
      PATH: `${bin}:${process.env.PATH}`,
    };
    const [target] = targets;
    assert.ok(target);
    const login = ["--debug", "login", "-u", "anna", "--password-stdin", registry.host];
    const { status, stderr } = await target.crish(login, { input: SECRET, env });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /are in "docker-credential-spy"/);
    const pulled = await target.crish(["--debug", "pull", `${registry.host}/spied`], { env });
    assert.equal(pulled.status, 0, pulled.stderr);
    const words = await readFile(seen, "utf8");
    assert.match(words, /docker-credential-spy store/);
    assert.match(words, /docker-credential-spy get/);
    for (const text of [words, stderr, pulled.stderr, await readFile(config, "utf8")]) {
      assert.ok(!text.includes(SECRET) && !text.includes(PROOF));
    }
  });

  it("asks for the password on a terminal, without showing it", async () => {
    const file = join(home, "asked.json");
    const terminal = await openTerminal(cleanup, { HOME: home });
    await terminal.enter(`crish login -u anna --auth-file ${file} ${registry.host}`);
    await terminal.waitFor(/Password:/);
    await terminal.enter(SECRET);
    await terminal.waitFor(/the credentials of "anna"[\s\S]*\$$/);
    assert.ok(!(await terminal.transcript()).includes(SECRET));
    const { auths } = JSON.parse(await readFile(file, "utf8"));
    assert.equal(auths[registry.host].auth, PROOF);
  });

  it("asks for the user first where none is given, and shows that alone", async () => {
    const file = join(home, "asked-both.json");
    const terminal = await openTerminal(cleanup, { HOME: home });
    await terminal.enter(`crish login --auth-file ${file} ${registry.host}`);
    await terminal.waitFor(/Username:/);
    await terminal.enter("anna");
    await terminal.waitFor(/Username: anna[\s\S]*Password:/);
    await terminal.enter(SECRET);
    await terminal.waitFor(/the credentials of "anna"[\s\S]*\$$/);
    assert.ok(!(await terminal.transcript()).includes(SECRET));
    const { auths } = JSON.parse(await readFile(file, "utf8"));
    assert.equal(auths[registry.host].auth, PROOF);
  });

  for (const [key, asksFor, flags] of [
    ["C-c", "Username", ""],
    ["C-d", "Username", ""],
    ["C-d", "Password", "-u anna "],
  ] as const) {
    it(`ends at ${key} where it asks for the ${asksFor}, with 130 and nothing kept`, async () => {
      const file = join(home, "interrupted.json");
      const terminal = await openTerminal(cleanup, { HOME: home });
      await terminal.enter(
        `crish login ${flags}--auth-file ${file} ${registry.host}; echo status=$?`,
      );
      await terminal.waitFor(new RegExp(`${asksFor}:`));
      await terminal.press(key);
      await terminal.waitFor(/status=130/);
      await assert.rejects(stat(file), { code: "ENOENT" });
    });
  }

  const refused: readonly (readonly [string[], number, RegExp])[] = [
    [
      ["login", "127.0.0.1:1"],
      2,
      /cannot ask for the user: there is no terminal\nhint: .*--username USER --password-stdin/,
    ],
    [
      ["login", "--password-stdin", "127.0.0.1:1"],
      2,
      /--password-stdin takes all of stdin\nhint: /,
    ],
    [["login", "-u", "", "127.0.0.1:1"], 2, /the user name is empty/],
    [["login", "-u", "a:b", "127.0.0.1:1"], 2, /"a:b" has a colon/],
    [["login", "-u", "a", "127.0.0.1:1"], 2, /without a terminal\nhint: .*--password-stdin/],
    [["login", "-u", "a", "--password-stdin", "127.0.0.1:1"], 2, /the password is empty/],
    [["login", "-u", "a", "a b"], 2, /"a b" is not a registry/],
    [["login", "-u", "a"], 2, /login needs REGISTRY/],
    [["logout"], 2, /logout needs REGISTRY or --all/],
    [["logout", "--all", "x"], 2, /--all excludes/],
    [["pull", "--auth-file", "/nonexistent", "x"], 2, /no file of credentials "\/nonexistent"/],
  ];
  for (const [args, status, says] of refused) {
    it(`refuses with ${status}: crish ${args.join(" ")}`, async () => {
      const result = await crish(args);
      assert.equal(result.status, status);
      assert.match(result.stderr, says);
    });
  }

  it("says that a registry does not answer", async () => {
    const args = ["login", "-u", "a", "--password-stdin", "127.0.0.1:1"];
    const { status, stderr } = await crish(args, { input: "x" });
    assert.equal(status, 3);
    assert.match(stderr, /"127\.0\.0\.1:1" refused the connection/);
  });
});
