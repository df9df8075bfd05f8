import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, it } from "node:test";
import { hasCode } from "../../../src/errors/status-error.ts";
import { identify, isAlive } from "../../../src/host/process-identity.ts";
import { closeness, formatAuthKey, parseAuthKey } from "../../../src/registry/auth/auth-key.ts";
import { type AuthPlaces, authPlaces } from "../../../src/registry/auth/auth-places.ts";
import { findCredentials } from "../../../src/registry/auth/find-credentials.ts";
import {
  eraseCredentials,
  keptScopes,
  storeCredentials,
} from "../../../src/registry/auth/keep-credentials.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { waitUntil } from "../../support/wait-until.ts";

const HUB = { registry: "docker.io", path: "library/x" };
const APP = { registry: "r.example:5000", path: "team/app" };
const ANNA = { username: "anna", password: "geheim" };

function basic(username: string, password = "x"): { auth: string } {
  return { auth: Buffer.from(`${username}:${password}`).toString("base64") };
}

describe("a key of credentials", () => {
  const keys: readonly (readonly [key: string, registry: string, path: string])[] = [
    ["r.example", "r.example", ""],
    ["r.example:5000/team/app", "r.example:5000", "team/app"],
    ["r.example/team/", "r.example", "team"],
    ["https://r.example/v2/", "r.example", ""],
    ["http://127.0.0.1:5000", "127.0.0.1:5000", ""],
    ["https://index.docker.io/v1/", "docker.io", ""],
    ["index.docker.io/v1/", "docker.io", ""],
    ["registry-1.docker.io", "docker.io", ""],
    ["docker.io/library", "docker.io", "library"],
  ];
  for (const [key, registry, path] of keys) {
    it(`means ${registry} and "${path}": ${key}`, () => {
      assert.deepEqual(parseAuthKey(key), { registry, path });
    });
  }

  it("fits repositories at and below its path, and no others", () => {
    assert.equal(closeness("r.example:5000", APP), 0);
    assert.equal(closeness("r.example:5000/team", APP), 4);
    assert.equal(closeness("r.example:5000/team/app", APP), 8);
    assert.equal(closeness("r.example:5000/tea", APP), undefined);
    assert.equal(closeness("r.example:5000/team/app/x", APP), undefined);
    assert.equal(closeness("r.example", APP), undefined);
    assert.equal(closeness("https://r.example:5000/v2/", APP), 0);
  });

  it("is for the hub what each tool looks for", () => {
    const hub = { registry: "docker.io", path: "" };
    assert.equal(formatAuthKey(hub, "docker"), "https://index.docker.io/v1/");
    assert.equal(formatAuthKey(hub, "containers"), "docker.io");
  });
});

describe("files of credentials", () => {
  it("are searched in the order of their makers, and a named one alone", () => {
    const env = { HOME: "/h", XDG_RUNTIME_DIR: "/run/user/5" };
    const { files, preferred } = authPlaces(env, undefined);
    assert.deepEqual(files, [
      "/run/user/5/containers/auth.json",
      "/h/.config/containers/auth.json",
      "/h/.docker/config.json",
    ]);
    assert.equal(preferred, "/h/.docker/config.json");
    const chosen = authPlaces({ ...env, DOCKER_CONFIG: "/d" }, undefined);
    assert.equal(chosen.files[0], "/d/config.json");
    assert.equal(chosen.preferred, "/d/config.json");
    assert.ok(!chosen.files.includes("/h/.docker/config.json"));
    assert.deepEqual(authPlaces(env, "/a.json").files, ["/a.json"]);
  });
});

describe("kept credentials", () => {
  const cleanup = cleanupAfter();
  let directory: string;
  let docker: string;
  let containers: string;
  let places: AuthPlaces;

  beforeEach(async () => {
    directory = await temporaryDirectory(cleanup, "auth");
    docker = join(directory, "config.json");
    containers = join(directory, "auth.json");
    places = { files: [containers, docker], preferred: docker, isNamed: false };
  });

  const write = (path: string, content: unknown) => writeFile(path, JSON.stringify(content));
  const read = async (path: string) => JSON.parse(await readFile(path, "utf8"));
  const userOf = async (scope: typeof APP) => (await findCredentials(places, scope))?.username;

  /** A helper in a directory that the PATH gets for the time of the test; its memory is a file. */
  async function helper(name: string, script: string): Promise<void> {
    const bin = join(directory, "bin");
    await mkdir(bin, { recursive: true });
    await writeFile(
      join(bin, `docker-credential-${name}`),
      `#!/bin/sh\ncd ${directory}\n${script}`,
    );
    await chmod(join(bin, `docker-credential-${name}`), 0o755);
    const before = process.env.PATH;
    process.env.PATH = `${bin}:${before}`;
    cleanup.add("the PATH as it was", () => {
      process.env.PATH = before;
    });
  }

  it("are those of the closest key in the first file that has any", async () => {
    await write(docker, {
      auths: { "r.example:5000": basic("d"), "r.example:5000/team/app": basic("dd") },
    });
    assert.equal(await userOf(APP), "dd");
    await write(containers, {
      auths: { "r.example:5000": basic("c"), "r.example:5000/te": basic("n") },
    });
    assert.equal(await userOf(APP), "c");
    assert.equal(await userOf({ ...APP, path: "te" }), "n");
    assert.equal(await userOf({ ...APP, registry: "other" }), undefined);
  });

  it("are found for the hub under all of its names", async () => {
    const names = [
      "https://index.docker.io/v1/",
      "docker.io",
      "index.docker.io/v1/",
      "docker.io/library",
    ];
    for (const name of names) {
      await write(docker, { auths: { [name]: basic("hub") } });
      assert.equal(await userOf(HUB), "hub", name);
    }
  });

  it("are tokens too, and a user and a password in words", async () => {
    const entry = (fields: object) => write(docker, { auths: { "r.example:5000": fields } });
    await entry({ auth: "eDp5", identitytoken: "t" });
    assert.deepEqual(await findCredentials(places, APP), { identityToken: "t" });
    await entry({ username: "u", password: "p" });
    assert.deepEqual(await findCredentials(places, APP), { username: "u", password: "p" });
    await entry({ auth: "no colon" });
    assert.equal(await findCredentials(places, APP), undefined);
  });

  it("come from the registry's own helper, then the general one, then the file", async () => {
    await helper("own", `echo '{"Username":"own","Secret":"s"}'`);
    await helper("all", `echo '{"Username":"all","Secret":"s"}'`);
    await helper("none", "echo credentials not found in native keychain; exit 1");
    const auths = { "r.example:5000": basic("file") };
    await write(docker, { auths, credsStore: "all", credHelpers: { "r.example:5000": "own" } });
    assert.equal(await userOf(APP), "own");
    await write(docker, { auths, credsStore: "all", credHelpers: { "r.example:5000": "none" } });
    assert.equal(await userOf(APP), "all");
    for (const store of ["none", "that-is-not-installed"]) {
      await write(docker, { auths, credsStore: store });
      assert.equal(await userOf(APP), "file", store);
    }
    await write(docker, { credsStore: "all" });
    assert.equal(await userOf(HUB), "all");
    await write(docker, { auths, credsStore: "../evil" });
    await assert.rejects(userOf(APP), /"\.\.\/evil" is no name of a credential helper/);
  });

  it("go into the file alone that has them, for its owner alone, and the rest of it stays", async () => {
    await write(docker, { auths: { "r.example:5000": basic("old") }, HttpHeaders: { a: "b" } });
    await chmod(docker, 0o644);
    const scope = { ...APP, path: "" };
    assert.equal(await storeCredentials(places, scope, ANNA), docker);
    assert.deepEqual(await read(docker), {
      auths: { "r.example:5000": basic("anna", "geheim") },
      HttpHeaders: { a: "b" },
    });
    assert.equal((await stat(docker)).mode & 0o777, 0o600);
    await write(containers, { auths: { "https://r.example:5000/v2/": basic("other") } });
    assert.equal(await storeCredentials(places, scope, ANNA), containers);
    assert.deepEqual(Object.keys((await read(containers)).auths), ["r.example:5000"]);
    assert.equal(await storeCredentials(places, { registry: "docker.io", path: "" }, ANNA), docker);
    assert.ok("https://index.docker.io/v1/" in (await read(docker)).auths);
  });

  it("begin a file that nobody else can read", async () => {
    const path = join(directory, "new", "auth.json");
    const named: AuthPlaces = { files: [path], preferred: path, isNamed: true };
    await assert.rejects(findCredentials(named, APP), /there is no file of credentials/);
    await storeCredentials(named, APP, ANNA);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await findCredentials(named, APP), ANNA);
    assert.equal(await findCredentials(named, { ...APP, path: "team" }), undefined);
  });

  it("are forgotten in every file, for exactly what is named", async () => {
    await write(docker, { auths: { "https://r.example:5000": basic("d"), other: basic("o") } });
    await write(containers, {
      auths: { "r.example:5000": basic("c"), "r.example:5000/team": basic("t") },
    });
    assert.equal(await eraseCredentials(places, { ...APP, path: "" }), true);
    assert.deepEqual(await read(docker), { auths: { other: basic("o") } });
    assert.deepEqual(await read(containers), { auths: { "r.example:5000/team": basic("t") } });
    assert.equal(await eraseCredentials(places, { ...APP, path: "" }), false);
    assert.deepEqual(await keptScopes(places), [
      { registry: "r.example:5000", path: "team" },
      { registry: "other", path: "" },
    ]);
  });

  it("go through the helper's stdin and not over its command line or environment", async () => {
    const spy = `{ tr '\\0' ' ' < /proc/$$/cmdline; env; } >> seen`;
    const script = `${spy}
case $1 in
  store) cat > memory ;;
  get) read server; test -e memory && sed 's/ServerURL/_/' memory || exit 1 ;;
  erase) rm memory ;;
esac`;
    await helper("spy", script);
    await write(docker, { credsStore: "spy", auths: { other: {} } });
    const scope = { ...APP, path: "" };
    assert.equal(await storeCredentials(places, scope, ANNA), "docker-credential-spy");
    assert.deepEqual(await read(docker), {
      credsStore: "spy",
      auths: { other: {}, "r.example:5000": {} },
    });
    assert.deepEqual(JSON.parse(await readFile(join(directory, "memory"), "utf8")), {
      ServerURL: "r.example:5000",
      Username: "anna",
      Secret: "geheim",
    });
    assert.deepEqual(await findCredentials(places, APP), ANNA);
    assert.equal(await eraseCredentials(places, scope), true);
    assert.equal(await findCredentials(places, APP), undefined);
    const seen = await readFile(join(directory, "seen"), "utf8");
    assert.match(seen, /docker-credential-spy store/);
    assert.ok(!seen.includes("geheim"));
  });

  it("are not in what is said of a helper that fails", async () => {
    await helper("loud", "cat; echo; exit 1");
    await write(docker, { credsStore: "loud" });
    await assert.rejects(storeCredentials(places, APP, ANNA), (error: unknown) => {
      assert.ok(hasCode(error, "FailedPrecondition"));
      assert.match(
        error.message,
        /^"docker-credential-loud" did not keep the credentials: .*\*\*\*/,
      );
      assert.ok(!error.message.includes("geheim"));
      return true;
    });
    await write(docker, { credsStore: "absent" });
    await assert.rejects(storeCredentials(places, APP, ANNA), /no executable "docker-credential-/);
  });

  it("are looked for further where a helper fails, which is told", async () => {
    const told: string[] = [];
    const onFailure = (error: Error): void => void told.push(error.message);
    const find = async () => (await findCredentials(places, APP, { onFailure }))?.username;
    await helper("sealed", "cat > /dev/null; echo the vault is sealed; exit 3");
    await helper("page", "cat > /dev/null; echo '<html>geheim</html>'");
    await helper("none", "cat > /dev/null; exit 1");
    await write(docker, { credHelpers: { "r.example:5000": "sealed" }, auths: {} });
    assert.equal(await find(), undefined);
    await write(docker, { credsStore: "page", auths: { "r.example:5000": basic("file") } });
    assert.equal(await find(), "file");
    assert.deepEqual(told.splice(0), [
      '"docker-credential-sealed" did not give credentials: the vault is sealed',
      '"docker-credential-page" did not give credentials: its answer is not JSON',
    ]);
    for (const store of ["none", "absent"]) {
      await write(docker, { credsStore: store });
      assert.equal(await find(), undefined);
    }
    assert.deepEqual(told, []);
  });

  it("are not waited for any longer than is wanted, and nothing of their helper is left", async () => {
    const memory = join(directory, "started");
    await helper("slow", "sleep 305 & echo $! > new; mv new started; wait");
    await write(docker, { credHelpers: { "r.example:5000": "slow" } });
    const abort = new AbortController();
    const asked = findCredentials(places, APP, { signal: abort.signal });
    await waitUntil("the helper waits", () => existsSync(memory));
    const waiting = identify(Number(await readFile(memory, "utf8")));
    assert.ok(waiting !== undefined);
    abort.abort();
    await assert.rejects(asked, { code: "Cancelled" });
    await waitUntil("what the helper waits for has ended", () => !isAlive(waiting));
  });

  it("are not said to be absent by a helper that cannot be asked", async () => {
    const scope = { ...APP, path: "" };
    await helper("sealed", "cat > /dev/null; echo the vault is sealed; exit 3");
    await write(docker, { credsStore: "sealed", auths: { "r.example:5000": basic("d") } });
    await assert.rejects(eraseCredentials(places, scope), /the vault is sealed/);
    // What could be forgotten is.
    assert.deepEqual(await read(docker), { credsStore: "sealed", auths: {} });
    await write(docker, { credsStore: "absent", auths: { "r.example:5000": {} } });
    await assert.rejects(eraseCredentials(places, scope), /no executable "docker-credential-/);
    await write(docker, { credsStore: "absent", auths: { "r.example:5000": basic("d") } });
    assert.equal(await eraseCredentials(places, scope), true);
  });

  it("are not in what is said of a file that is malformed", async () => {
    await writeFile(docker, '{"auths": geheim');
    await assert.rejects(findCredentials(places, APP), (error: unknown) => {
      assert.ok(hasCode(error, "InvalidArgument"));
      assert.match(error.message, /config\.json" is not JSON$/);
      return true;
    });
  });
});
