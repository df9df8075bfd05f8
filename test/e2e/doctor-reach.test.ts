import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { before, describe, it } from "node:test";
import { serve } from "../../src/server/serve.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { startContainerd } from "../support/containerd.ts";
import { crish, crishCommand, crishEnvironment, spawnCrish } from "../support/crish.ts";
import { crishAsNobody } from "../support/crish-for-nobody.ts";
import { createDoctorPlace, type DoctorPlace, findingsOf } from "../support/doctor-place.ts";
import { listenOnPath, listenOnPort } from "../support/listen.ts";
import { run, runOk } from "../support/run.ts";
import { fakeBackend } from "../support/scripted-backend.ts";

describe("crish doctor asks who can be reached", () => {
  const cleanup = cleanupAfter();
  let place: DoctorPlace;
  before(async () => {
    place = await createDoctorPlace(cleanup);
  });

  describe("sockets", () => {
    const socket = (name: string) => join(place.directory, name);
    const endpoint = (name: string) => ({ CONTAINER_RUNTIME_ENDPOINT: `unix://${socket(name)}` });

    it("a server that answers is told with its version and its conditions", async () => {
      const backend = fakeBackend({
        version: async () => ({
          version: "0.1.0",
          runtimeName: "fake",
          runtimeVersion: "1.2.3",
          runtimeApiVersion: "v1",
        }),
        status: async () => ({
          status: {
            conditions: [
              { type: "RuntimeReady", status: true, reason: "", message: "" },
              { type: "NetworkReady", status: false, reason: "NoCni", message: "no list" },
            ],
          },
          info: {},
          runtimeHandlers: [],
          features: undefined,
        }),
      });
      const server = await serve(backend, { listen: `unix://${socket("fake.sock")}` });
      cleanup.add("close the fake server", () => server.close(0));
      const result = await crish(["doctor", "-o", "json", "sockets", "programs"], {
        env: { ...place.root.env, ...endpoint("fake.sock"), CRISH_RUNTIME_CONFIG: "/no/such.yaml" },
      });
      const found = findingsOf(result);
      assert.match(found("sockets.endpoint")[0]?.text ?? "", /: fake 1\.2\.3, CRI v1$/);
      const [runtime, network] = found("sockets.condition");
      assert.equal(runtime?.level, "ok");
      assert.match(network?.text ?? "", /not ready: NetworkReady, NoCni, no list/);
      assert.match(network?.fix ?? "", /CNI/);
      // Of the embedded runtime, which this node does not use.
      assert.equal(found("programs")[0]?.level, "warn");
      assert.equal(result.status, 1);
    });

    it("containerd answers with its name and version", async () => {
      const { endpoint: CONTAINER_RUNTIME_ENDPOINT } = await startContainerd(cleanup);
      const result = await crish(["doctor", "sockets", "programs"], {
        env: { ...place.root.env, CONTAINER_RUNTIME_ENDPOINT },
      });
      assert.match(result.stdout, /ok {4}unix:.*containerd\.sock: containerd .*, CRI v1\n/);
      assert.match(result.stdout, /NetworkReady\n/);
      assert.match(result.stdout, /commands use unix:.*containerd\.sock\n$/);
      assert.equal(result.status, 0, result.stdout);
    });

    it("one that nobody listens on is stale", async () => {
      const server = await listenOnPath(cleanup, socket("stale.sock"));
      // Its file stays, as after a kill.
      await runOk("mv", [socket("stale.sock"), socket("kept.sock")]);
      await new Promise((resolve) => server.close(resolve));
      const { level, text, fix, status } = await place.finding(
        "sockets",
        ["sockets"],
        endpoint("kept.sock"),
      );
      assert.deepEqual([level, status], ["fail", 1]);
      assert.match(text, /nothing listens on .*kept\.sock": connection refused/);
      assert.match(fix ?? "", /remove the stale socket/);
    });

    it("one that takes the connection and is silent does not hold the doctor up", async () => {
      await listenOnPath(cleanup, socket("silent.sock"));
      const { level, text } = await place.finding("sockets", ["sockets"], endpoint("silent.sock"));
      assert.equal(level, "fail");
      assert.match(text, /takes the connection and does not answer/);
    });

    it("one that speaks something else is no CRI server", async () => {
      await listenOnPath(cleanup, socket("other.sock"), (connection) =>
        connection.end("HTTP/1.1 400 no\r\n\r\n"),
      );
      const { level, text } = await place.finding("sockets", ["sockets"], endpoint("other.sock"));
      assert.equal(level, "fail");
      assert.match(text, /answers, but not as CRI/);
    });

    it("a file that is no socket, and one that is not there", async () => {
      await place.file("plain.sock", "");
      assert.match(
        (await place.finding("sockets", ["sockets"], endpoint("plain.sock"))).text,
        /is no socket/,
      );
      const absent = await place.finding("sockets", ["sockets"], endpoint("absent.sock"));
      assert.match(absent.text, /is configured and not there/);
    });

    it("one that refuses us is told, and that root may use it", async () => {
      await listenOnPath(cleanup, socket("private.sock"));
      await chmod(socket("private.sock"), 0o600);
      const env = { ...place.root.env, ...endpoint("private.sock") };
      const result = await crishAsNobody(cleanup, ["doctor", "sockets", "-o", "json"], { env });
      const [refused] = findingsOf(result)("sockets");
      assert.match(refused?.text ?? "", /no permission to use/, result.stderr);
      assert.match(refused?.fix ?? "", /as root/);
      assert.equal(result.status, 1);
    });
  });

  describe("registries", () => {
    it("one that was asked for and cannot be reached is a fault", async () => {
      const { level, text, status } = await place.finding("registries", [
        "registries",
        "--registry",
        "127.0.0.1:1",
      ]);
      assert.deepEqual([level, status], ["fail", 1]);
      assert.match(text, /127\.0\.0\.1:1.*refused the connection/);
    });

    it("one that never answers is given up", async () => {
      const silent = await listenOnPort(
        cleanup,
        createServer((connection) => connection.on("error", () => {})),
      );
      const { text } = await place.finding("registries", ["registries", "--registry", silent]);
      assert.match(text, /did not answer in time|longer than 5 s/);
    });

    it("a name server that never answers makes one line of them, and no fault", async () => {
      const server = createSocket("udp4");
      const address = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.9`;
      await new Promise<void>((resolve) => server.bind(53, address, resolve));
      server.unref();
      cleanup.add("close the name server", () => void server.close());
      const resolvConf = await place.file("resolv.conf", `nameserver ${address}\n`);
      const { command, args } = crishCommand();
      const words = [command, ...args, "doctor", "registries", "-o", "json"];
      const script = `mount --bind ${resolvConf} /etc/resolv.conf && exec "$@"`;
      const env = crishEnvironment(place.root.env);
      const result = await run("unshare", ["--mount", "sh", "-c", script, "sh", ...words], { env });
      const found = findingsOf(result)("registries");
      assert.deepEqual(
        found.map(({ id, level }) => [id, level]),
        [["registries.none", "warn"]],
      );
      assert.equal(result.status, 0);
    });

    it("a mirror that works stands in for a registry that does not", async () => {
      const mirror = await listenOnPort(
        cleanup,
        createHttpServer((_request, response) => response.end("{}")),
      );
      const registries = { "127.0.0.1:1": { mirrors: [`http://${mirror}`] } };
      const env = await place.runtimeConfig({ registries });
      const result = await crish(["doctor", "-o", "json", "registries"], {
        env: { ...place.root.env, ...env },
      });
      const found = findingsOf(result)("registries.127.0.0.1:1");
      assert.deepEqual(
        found.map(({ level }) => level),
        ["ok", "warn"],
      );
      assert.equal(result.status, 0);
    });
  });

  it("a FORWARD chain that drops is a fault, and the fix that it names mends it", async () => {
    const { command, args } = crishCommand();
    const words = [command, ...args, "doctor", "firewall", "-o", "json"];
    const within = async (script: string) => {
      const result = await run(
        "unshare",
        ["--net", "sh", "-c", `iptables -P FORWARD DROP; ${script}; exec "$@"`, "sh", ...words],
        { env: crishEnvironment(place.root.env) },
      );
      return findingsOf(result)("firewall.forward")[0];
    };
    const dropping = await within("true");
    assert.equal(dropping?.level, "fail");
    assert.match(dropping?.text ?? "", new RegExp(`none accepts ${place.root.bridge}`));
    assert.equal((await within(dropping?.fix ?? ""))?.level, "ok");
  });

  it("an interrupt ends it at once, though something hangs", async () => {
    const asked = Promise.withResolvers<void>();
    const silent = await listenOnPort(
      cleanup,
      createServer((connection) => {
        connection.on("error", () => {});
        asked.resolve();
      }),
    );
    const child = spawnCrish(["doctor", "--registry", silent], { env: place.root.env });
    assert.ok(child.stdout);
    const output = text(child.stdout);
    const ended = once(child, "exit");
    await asked.promise;
    child.kill("SIGINT");
    assert.deepEqual(await ended, [130, null]);
    assert.equal(await output, "");
  });
});
