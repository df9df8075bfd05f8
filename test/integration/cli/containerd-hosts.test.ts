import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type ContainerdCliTarget, containerdCli } from "../../support/cli-target.ts";
import { runOk } from "../../support/run.ts";
import { startUploadRegistry, type UploadRegistry } from "../../support/upload-registry.ts";

/** What containerd is told of registries, crish heeds where it pushes itself. */
describe("push on a containerd with hosts.toml", () => {
  const cleanup = cleanupAfter();
  let target: ContainerdCliTarget;
  let registry: UploadRegistry;
  /** `127.0.0.1:PORT`: TLS for who has a certificate, with all of the API below /inner. */
  let gate: string;
  let pem: string;

  before(async () => {
    target = await containerdCli(cleanup);
    registry = await startUploadRegistry(cleanup);
    pem = join(target.directory, "both.pem");
    const [key, cert] = [join(target.directory, "key.pem"), join(target.directory, "cert.pem")];
    await runOk("openssl", [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(" "),
      ...["-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1"],
      ...["-keyout", key, "-out", cert],
    ]);
    await writeFile(pem, (await readFile(cert, "utf8")) + (await readFile(key, "utf8")));
    const trust = { key: await readFile(key), cert: await readFile(cert) };
    const server = createServer(
      { ...trust, ca: trust.cert, requestCert: true, rejectUnauthorized: true },
      (incoming, response) => {
        const { method, url = "", headers } = incoming;
        const path = `/v2${url.slice("/inner".length)}`;
        const outgoing = request(
          `http://${registry.host}${path}`,
          { method, headers },
          (answer) => {
            const { location } = answer.headers;
            const moved = location?.replace(/^\/v2/, "/inner");
            response.writeHead(answer.statusCode ?? 502, {
              ...answer.headers,
              ...(moved === undefined ? {} : { location: moved }),
            });
            answer.pipe(response);
          },
        );
        incoming.pipe(outgoing);
      },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanup.add("close the gate", () => {
      server.closeAllConnections();
      server.close();
    });
    gate = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  const tell = async (name: string, text: string) => {
    const directory = join(target.containerd.directory, "certs.d", name);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, "hosts.toml"), text);
  };
  const push = async (name: string) => await target.crish(["push", target.image, `${name}/app:1`]);

  it("goes to the server that it names, with the registry's credentials", async () => {
    registry.reset();
    await tell("plain.test", `server = "http://${registry.host}"`);
    const result = await target.crish([
      ...["push", "--creds", "me:secret", target.image, "plain.test/app:1"],
    ]);
    assert.equal(result.status, 0, result.stderr);
    assert.match(result.stdout, /^Pushed: plain\.test\/app:1@sha256:/);
    assert.ok(registry.manifests.has("1"));
  });

  it("trusts and comes as it says, to a path in place of /v2", async () => {
    registry.reset();
    const host = `server = "https://never.test"\n[host."https://${gate}/inner"]\noverride_path = true`;
    await tell("gate.test", host);
    const refused = await push("gate.test");
    assert.equal(refused.status, 3, refused.stderr);
    assert.match(refused.stderr, /is not trusted.*\nhint: .*ca in containerd's hosts\.toml/);
    await tell("gate.test", `${host}\nskip_verify = true`);
    assert.notEqual((await push("gate.test")).status, 0, "it wants a certificate");
    for (const how of [`ca = "${pem}"`, "skip_verify = true"]) {
      registry.reset();
      await tell("gate.test", `${host}\n${how}\nclient = "${pem}"`);
      const result = await push("gate.test");
      assert.equal(result.status, 0, result.stderr);
      assert.ok(registry.manifests.has("1"), how);
    }
  });

  it("sends the headers that it says to the host and whom that sends for a token, and never shows them", async () => {
    registry.reset();
    const elsewhere = await startUploadRegistry(cleanup);
    const seen = new Set<string>();
    const note = (who: string) => (request: IncomingMessage) => {
      seen.add(`${who} ${request.headers["x-key"]} ${request.headers.authorization}`);
    };
    const noteElsewhere = note("elsewhere");
    elsewhere.intercept = (request, response) => {
      noteElsewhere(request);
      const status = request.method === "PATCH" ? 202 : 201;
      request.resume().once("end", () => response.writeHead(status).end());
      return true;
    };
    const noteToken = note("token");
    const noteRegistry = note("registry");
    registry.intercept = (request, response) => {
      const isToken = request.url?.startsWith("/token") === true;
      (isToken ? noteToken : noteRegistry)(request);
      if (isToken) {
        response.end('{"token":"made"}');
      } else if (request.headers.authorization !== "Bearer made") {
        const realm = `Bearer realm="http://${registry.host}/token"`;
        response.writeHead(401, { "www-authenticate": realm }).end();
      } else if (request.method === "POST") {
        response.writeHead(202, { location: `http://${elsewhere.host}/there` }).end();
      } else {
        return false;
      }
      return true;
    };
    const key = `[host."http://${registry.host}".header]\nAuthorization = "Basic key"`;
    await tell("keyed.test", `${key}\nX-Key = ["one", "two"]`);
    const result = await target.crish(["--debug", "push", target.image, "keyed.test/app:1"]);
    assert.equal(result.status, 0, result.stderr);
    assert.ok(registry.manifests.has("1"));
    assert.deepEqual([...seen].sort(), [
      "elsewhere undefined undefined",
      "registry one, two Basic key",
      "registry one, two Bearer made",
      "token one, two Basic key",
    ]);
    assert.doesNotMatch(result.stdout + result.stderr, /Basic key|one, two|"one"/);
  });

  it("is refused where nothing may be pushed to, or the file is malformed", async () => {
    await tell("read.test", 'server = "https://a.test"\ncapabilities = ["pull"]');
    const refused = await push("read.test");
    assert.equal(refused.status, 1);
    assert.match(
      refused.stderr,
      /certs\.d\/read\.test\/hosts\.toml" lets nothing be pushed to "read\.test"/,
    );
    await tell("broken.test", "server = ");
    assert.match((await push("broken.test")).stderr, /broken\.test\/hosts\.toml": \S/);
  });
});
