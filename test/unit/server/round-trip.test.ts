import assert from "node:assert/strict";
import { once } from "node:events";
import { lstat, mkdir, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { CriBackend } from "../../../src/cri/backend.ts";
import { createMessage } from "../../../src/cri/create-message.ts";
import * as api from "../../../src/cri/gen/runtime/v1/api.ts";
import type { MessageName } from "../../../src/cri/json/field-table.ts";
import { toJson } from "../../../src/cri/json/to-json.ts";
import { IMAGE_METHODS, RUNTIME_METHODS } from "../../../src/cri/methods.ts";
import { openRemote, type RemoteOptions } from "../../../src/cri/remote-backend.ts";
import { describe as describeError } from "../../../src/errors/describe.ts";
import { hasCode, STATUS_CODES, StatusError } from "../../../src/errors/status-error.ts";
import { type ServeOptions, serve } from "../../../src/server/serve.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type FakeMethod, fakeBackend, sampleMessage } from "../../support/scripted-backend.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { waitUntil } from "../../support/wait-until.ts";

const cleanup = cleanupAfter();
const { VersionRequest, ExecSyncRequest, ListContainersRequest, GetEventsRequest } = api;
const MIB = 1024 * 1024;

/** A client of a server of a backend with these methods. */
async function connected(
  methods: Readonly<Record<string, FakeMethod>>,
  options: Partial<RemoteOptions & ServeOptions> = {},
): Promise<CriBackend> {
  const listen = await freshEndpoint();
  const { apiVersion, runtimeEndpoint = listen, ...others } = options;
  const server = await serve(fakeBackend(methods), {
    listen,
    ...(apiVersion === undefined ? {} : { apiVersion }),
  });
  cleanup.add("stop server", () => server.close(0));
  return client(runtimeEndpoint.replace("LISTEN", listen), others);
}

async function client(
  runtimeEndpoint: string,
  options: Partial<RemoteOptions> = {},
): Promise<CriBackend> {
  const remote = await openRemote({
    connectTimeoutMs: 2000,
    maxRetries: 3,
    ...options,
    runtimeEndpoint,
  });
  cleanup.add("close client", () => remote.close());
  return remote;
}

async function freshEndpoint(): Promise<string> {
  return `unix://${join(await temporaryDirectory(cleanup), "s.sock")}`;
}

describe("a served backend behind a remote one", () => {
  const tables = [
    ["runtime", RUNTIME_METHODS],
    ["images", IMAGE_METHODS],
  ] as const;
  for (const [service, table] of tables) {
    for (const [name, facts] of Object.entries(table)) {
      it(`carries ${name} whole, both ways`, async () => {
        const [request, response] = [messageName(facts.request), messageName(facts.response)];
        const sent = sampleMessage(request);
        const answer = sampleMessage(response);
        let received: object | undefined;
        const methods: Record<string, FakeMethod> = facts.serverStreaming
          ? {
              [name]: async function* (message: object) {
                received = message;
                yield answer;
                yield answer;
              },
            }
          : {
              [name]: async (message: object) => {
                received = message;
                return answer;
              },
            };
        const remote = await connected(methods);
        const method = (remote[service] as unknown as Record<string, FakeMethod>)[name];
        const results = await collect(method?.(sent as never, {}));
        assert.deepEqual(toJson(request, received ?? {}), toJson(request, sent));
        assert.equal(results.length, facts.serverStreaming ? 2 : 1);
        for (const result of results) {
          assert.deepEqual(toJson(response, result as object), toJson(response, answer));
        }
      });
    }
  }

  it("carries 40 MiB in one message, both ways", async () => {
    const remote = await connected({
      execSync: async ({ cmd }: api.ExecSyncRequest) => ({
        stdout: Buffer.from(cmd[0] ?? ""),
        stderr: new Uint8Array(0),
        exitCode: 3,
      }),
    });
    const text = "0123456789abcdef".repeat((40 * MIB) / 16);
    const { stdout, exitCode } = await remote.runtime.execSync(
      createMessage(ExecSyncRequest, { cmd: [text] }),
    );
    assert.equal(stdout.length, 40 * MIB);
    assert.ok(Buffer.from(stdout).equals(Buffer.from(text)));
    assert.equal(exitCode, 3);
  });

  it("keeps the code and the message of every failure", async () => {
    const remote = await connected({
      version: async ({ version }: api.VersionRequest) => {
        const code = STATUS_CODES.find((known) => known === version) ?? "Unknown";
        throw new StatusError(code, `cannot do "${version}"`, {
          cause: new Error("the disk is full"),
        });
      },
    });
    for (const code of STATUS_CODES) {
      const call = remote.runtime.version(createMessage(VersionRequest, { version: code }));
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof StatusError);
        assert.equal(error.code, code);
        assert.equal(error.message, `cannot do "${code}": the disk is full`);
        return true;
      });
    }
  });

  it("answers Unknown for a failure that is no StatusError, and Unimplemented for a missing method", async () => {
    const remote = await connected({
      version: async () => {
        throw new TypeError("x is undefined");
      },
    });
    await assert.rejects(remote.runtime.version(createMessage(VersionRequest)), {
      code: "Unknown",
    });
    await assert.rejects(remote.runtime.listContainers(createMessage(ListContainersRequest)), {
      code: "Unimplemented",
    });
  });

  it("survives a failure whose message is longer than a header may be", async () => {
    const remote = await connected({
      version: async () => {
        throw new StatusError("Aborted", "ä".repeat(100_000));
      },
    });
    await assert.rejects(remote.runtime.version(createMessage(VersionRequest)), {
      code: "Aborted",
    });
  });

  it("takes the caller's cancellation to the backend", async () => {
    const reached = Promise.withResolvers<AbortSignal>();
    const remote = await connected({ pullImage: untilAborted(reached.resolve) });
    const controller = new AbortController();
    const call = remote.images.pullImage(createMessage(api.PullImageRequest), {
      signal: controller.signal,
    });
    const seen = await reached.promise;
    controller.abort();
    await assert.rejects(call, { code: "Cancelled", message: '"PullImage" was cancelled' });
    await aborted(seen);
    assert.equal((seen.reason as StatusError).code, "Cancelled");
  });

  it("does not send a call that was cancelled before", async () => {
    const remote = await connected({});
    const signal = AbortSignal.abort();
    await assert.rejects(remote.runtime.version(createMessage(VersionRequest), { signal }), {
      code: "Cancelled",
    });
  });

  it("takes the caller's deadline to the backend and names it", async () => {
    const reached = Promise.withResolvers<AbortSignal>();
    let timeoutMs: number | undefined;
    const remote = await connected({
      status: (_request, options) => {
        timeoutMs = options.timeoutMs;
        return untilAborted(reached.resolve)(_request, options);
      },
    });
    const call = remote.runtime.status(createMessage(api.StatusRequest), { timeoutMs: 1000 });
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof StatusError);
      assert.equal(error.code, "DeadlineExceeded");
      assert.match(error.message, /^no answer to "Status" from "unix:.*" within 1 s$/);
      return true;
    });
    assert.ok(timeoutMs !== undefined && timeoutMs > 0 && timeoutMs <= 1000);
    await aborted(await reached.promise);
  });

  it("gives a call the time of its kind, and the settings' time before that", async () => {
    const seen: (number | undefined)[] = [];
    const methods: Record<string, FakeMethod> = {
      stopContainer: async (_request, { timeoutMs }) => seen.push(timeoutMs) && {},
      pullImage: async (_request, { timeoutMs }) => seen.push(timeoutMs) && { imageRef: "" },
    };
    const stop = createMessage(api.StopContainerRequest, { timeout: 60n });
    const remote = await connected(methods);
    await remote.runtime.stopContainer(stop);
    await remote.images.pullImage(createMessage(api.PullImageRequest));
    await (await connected(methods, { timeoutMs: 500_000 })).runtime.stopContainer(stop);
    const [stopMs = 0, pullMs, overriddenMs = 0] = seen;
    assert.ok(stopMs > 60_000 && stopMs <= 70_000, String(stopMs));
    assert.equal(pullMs, 0);
    assert.ok(overriddenMs > 70_000 && overriddenMs <= 500_000, String(overriddenMs));
  });

  it("ends a stream in the backend when its reader leaves", async () => {
    const ended = Promise.withResolvers<void>();
    const remote = await connected({
      getContainerEvents: async function* () {
        try {
          for (;;) yield createMessage(api.ContainerEventResponse, { containerId: "c" });
        } finally {
          ended.resolve();
        }
      },
    });
    for await (const event of remote.runtime.getContainerEvents(createMessage(GetEventsRequest))) {
      assert.equal(event.containerId, "c");
      break;
    }
    await ended.promise;
  });

  it("ends a stream that waits for its next message when the caller cancels", async () => {
    const reached = Promise.withResolvers<AbortSignal>();
    const remote = await connected({
      getContainerEvents: async function* (_request: never, { signal }: { signal: AbortSignal }) {
        yield createMessage(api.ContainerEventResponse);
        reached.resolve(signal);
        await aborted(signal);
      } as FakeMethod,
    });
    const controller = new AbortController();
    const read = async () => {
      const { signal } = controller;
      const events = remote.runtime.getContainerEvents(createMessage(GetEventsRequest), { signal });
      for await (const _event of events) reached.promise.then(() => controller.abort());
    };
    await assert.rejects(read(), { code: "Cancelled" });
    await aborted(await reached.promise);
  });

  it("does not read a stream faster than its reader", async () => {
    let made = 0;
    const stats = createMessage(api.StreamImagesResponse, {
      images: [createMessage(api.Image, { id: "x".repeat(64 * 1024) })],
    });
    const remote = await connected({
      streamImages: async function* () {
        for (; made < 2000; made++) yield stats;
      },
    });
    let read = 0;
    let madeAtFirst = 0;
    for await (const _batch of remote.images.streamImages(createMessage(api.StreamImagesRequest))) {
      if (read++ > 0) continue;
      await settled(() => made);
      madeAtFirst = made;
    }
    assert.equal(read, 2000);
    assert.ok(madeAtFirst < 500, `${madeAtFirst} of 2000 were made for a reader of one`);
  });

  it("fails a stream with the backend's error after the messages before it", async () => {
    const remote = await connected({
      streamContainers: async function* () {
        yield createMessage(api.StreamContainersResponse);
        throw new StatusError("DataLoss", "the rest is gone");
      },
    });
    let read = 0;
    await assert.rejects(
      async () => {
        const batches = remote.runtime.streamContainers(createMessage(api.StreamContainersRequest));
        for await (const _batch of batches) read++;
      },
      { code: "DataLoss", message: "the rest is gone" },
    );
    assert.equal(read, 1);
  });
});

describe("the CRI package", () => {
  const version = async () => createMessage(api.VersionResponse, { runtimeName: "fake" });

  it("falls back to v1alpha2 where the server refuses v1, and stays there", async () => {
    const remote = await connected(
      {
        version,
        listContainers: async () => ({ containers: [] }),
        getContainerEvents: async function* () {
          yield createMessage(api.ContainerEventResponse, { containerId: "c" });
        },
      },
      { apiVersion: "v1alpha2" },
    );
    assert.equal((await remote.runtime.version(createMessage(VersionRequest))).runtimeName, "fake");
    await remote.runtime.listContainers(createMessage(ListContainersRequest));
    const events = await collect(
      remote.runtime.getContainerEvents(createMessage(GetEventsRequest)),
    );
    assert.equal(events.length, 1);
  });

  it("falls back at the first message of a stream too", async () => {
    const remote = await connected(
      {
        getContainerEvents: async function* () {
          yield createMessage(api.ContainerEventResponse, { containerId: "c" });
        },
      },
      { apiVersion: "v1alpha2" },
    );
    const events = await collect(
      remote.runtime.getContainerEvents(createMessage(GetEventsRequest)),
    );
    assert.equal(events.length, 1);
  });

  it("takes no second call where v1 is known to work, however often a method is missing", async () => {
    const calls: string[] = [];
    const count = (name: string) => async () => {
      calls.push(name);
      throw new StatusError("Unimplemented", "not here");
    };
    const remote = await connected({ version, updateRuntimeConfig: count("v1") });
    await remote.runtime.version(createMessage(VersionRequest));
    for (let round = 0; round < 3; round++) {
      const call = remote.runtime.updateRuntimeConfig(
        createMessage(api.UpdateRuntimeConfigRequest),
      );
      await assert.rejects(call, { code: "Unimplemented", message: "not here" });
    }
    assert.equal(calls.length, 3);
  });

  it("keeps the server's own answer for a missing method that is called first", async () => {
    const remote = await connected({ version });
    const call = remote.runtime.listContainers(createMessage(ListContainersRequest));
    await assert.rejects(call, { message: '"listContainers" is not implemented' });
    assert.equal((await remote.runtime.version(createMessage(VersionRequest))).runtimeName, "fake");
  });

  it("is what the endpoint's option says, without another try", async () => {
    const alpha = await connected({ version }, { runtimeEndpoint: "LISTEN?api=v1alpha2" });
    await assert.rejects(alpha.runtime.version(createMessage(VersionRequest)), {
      code: "Unimplemented",
    });
    const forced = await connected(
      { version },
      { runtimeEndpoint: "LISTEN?api=v1alpha2", apiVersion: "v1alpha2" },
    );
    assert.equal((await forced.runtime.version(createMessage(VersionRequest))).runtimeName, "fake");
  });
});

describe("a connection", () => {
  const request = createMessage(VersionRequest);
  const version = async () => createMessage(api.VersionResponse, { runtimeName: "fake" });

  it("to a socket that is not there is Unavailable at once, with a hint", async () => {
    const endpoint = await freshEndpoint();
    const remote = await client(endpoint);
    await assert.rejects(remote.runtime.version(request), (error) => {
      assert.ok(error instanceof StatusError);
      assert.equal(error.code, "Unavailable");
      assert.equal(error.message, `cannot connect to "${endpoint}"`);
      assert.equal((error.cause as Error).message, "no such file");
      assert.match(error.hint ?? "", /is the container runtime running\?/);
      return true;
    });
  });

  it("to a server that accepts and says nothing ends after the time to connect", async () => {
    const endpoint = await freshEndpoint();
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket));
    mute.listen(endpoint.slice("unix://".length));
    await once(mute, "listening");
    cleanup.add("close the mute server", () => {
      mute.close();
      for (const socket of sockets) socket.destroy();
    });
    const remote = await client(endpoint, { connectTimeoutMs: 100, maxRetries: 0 });
    await assert.rejects(remote.runtime.version(request), {
      code: "Unavailable",
      message: `cannot connect to "${endpoint}"`,
    });
    await remote.close();
  });

  it("to a server that does not speak HTTP/2 is Unavailable", async () => {
    const endpoint = await freshEndpoint();
    const other = createServer((socket) => socket.end("220 mail.example ESMTP\r\n"));
    other.listen(endpoint.slice("unix://".length));
    await once(other, "listening");
    cleanup.add("close the other server", () => void other.close());
    const remote = await client(endpoint, { connectTimeoutMs: 500, maxRetries: 0 });
    await assert.rejects(remote.runtime.version(request), { code: "Unavailable" });
    await remote.close();
  });

  it("is made again when the daemon has come back", async () => {
    const listen = await freshEndpoint();
    const first = await serve(fakeBackend({ version }), { listen });
    const remote = await client(listen, { maxRetries: 0 });
    assert.equal((await remote.runtime.version(request)).runtimeName, "fake");
    await first.close(1000);
    await assert.rejects(remote.runtime.version(request), { code: "Unavailable" });
    await assert.rejects(remote.runtime.version(request), { code: "Unavailable" });
    const second = await serve(fakeBackend({ version }), { listen });
    cleanup.add("stop second server", () => second.close(0));
    assert.equal((await remote.runtime.version(request)).runtimeName, "fake");
  });

  it("that was closed refuses further calls and may be closed again", async () => {
    const remote = await connected({ version });
    await remote.close();
    await remote.close();
    await assert.rejects(remote.runtime.version(request), { code: "Unavailable" });
  });

  it("that is closed ends the calls on it", async () => {
    const reached = Promise.withResolvers<AbortSignal>();
    const remote = await connected({
      pullImage: untilAborted(reached.resolve),
      getContainerEvents: async function* (_request: never, { signal }: { signal: AbortSignal }) {
        yield createMessage(api.ContainerEventResponse);
        await aborted(signal);
      } as FakeMethod,
    });
    const pull = assert.rejects(remote.images.pullImage(createMessage(api.PullImageRequest)), {
      code: "Unavailable",
    });
    const events = remote.runtime.getContainerEvents(createMessage(GetEventsRequest));
    const reading = events[Symbol.asyncIterator]();
    await reading.next();
    await reached.promise;
    const next = assert.rejects(reading.next(), { code: "Unavailable" });
    await remote.close();
    await Promise.all([pull, next]);
    await aborted(await reached.promise);
  });

  it("over tcp works on the loopback interface and is refused beyond it", async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address() as { port: number };
    probe.close();
    await once(probe, "close");
    const listen = `tcp://127.0.0.1:${port}`;
    const server = await serve(fakeBackend({ version }), { listen });
    cleanup.add("stop tcp server", () => server.close(0));
    assert.equal((await (await client(listen)).runtime.version(request)).runtimeName, "fake");
    await assert.rejects(serve(fakeBackend({}), { listen: "tcp://0.0.0.0:1" }), {
      code: "InvalidArgument",
    });
    await assert.rejects(serve(fakeBackend({}), { listen }), (error) => {
      assert.ok(hasCode(error, "FailedPrecondition"));
      assert.match(describeError(error).message, /: address already in use 127\.0\.0\.1:\d+$/);
      return true;
    });
  });
});

describe("the server's socket", () => {
  it("has mode 0660, and goes when the server is closed", async () => {
    const listen = await freshEndpoint();
    const path = listen.slice("unix://".length);
    const server = await serve(fakeBackend({}), { listen });
    assert.equal((await lstat(path)).mode & 0o777, 0o660);
    await server.close(0);
    await server.close(0);
    await assert.rejects(lstat(path), { code: "ENOENT" });
  });

  it("is not taken from a server that answers", async () => {
    const listen = await freshEndpoint();
    const server = await serve(fakeBackend({}), { listen });
    cleanup.add("stop", () => server.close(0));
    await assert.rejects(serve(fakeBackend({}), { listen }), {
      code: "FailedPrecondition",
      message: `another server answers on "${listen.slice("unix://".length)}"`,
    });
    assert.ok((await lstat(listen.slice("unix://".length))).isSocket());
  });

  it("replaces one that a killed server left", async () => {
    const listen = await freshEndpoint();
    const path = listen.slice("unix://".length);
    const { run } = await import("../../support/run.ts");
    const program = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    await run(process.execPath, ["-e", program]);
    assert.ok((await lstat(path)).isSocket());
    const server = await serve(fakeBackend({}), { listen });
    await server.close(0);
  });

  it("never replaces a file that is no socket", async () => {
    const listen = await freshEndpoint();
    const path = listen.slice("unix://".length);
    await writeFile(path, "precious");
    await assert.rejects(serve(fakeBackend({}), { listen }), { code: "FailedPrecondition" });
    assert.ok((await lstat(path)).isFile());
  });

  it("gets its directory made, and a directory that cannot be is named", async () => {
    const directory = await temporaryDirectory(cleanup);
    const server = await serve(fakeBackend({}), { listen: `unix://${directory}/a/b/s.sock` });
    await server.close(0);
    await mkdir(`${directory}/d`);
    await writeFile(`${directory}/d/file`, "");
    await assert.rejects(serve(fakeBackend({}), { listen: `unix://${directory}/d/file/s.sock` }), {
      code: "FailedPrecondition",
    });
  });
});

describe("a server that is closed", () => {
  it("lets a call finish, ends a stream, and takes no more", async () => {
    const listen = await freshEndpoint();
    const reached = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const server = await serve(
      fakeBackend({
        runPodSandbox: async () => {
          reached.resolve();
          await finish.promise;
          return { podSandboxId: "done" };
        },
        getContainerEvents: async function* (_request: never, { signal }: { signal: AbortSignal }) {
          yield createMessage(api.ContainerEventResponse);
          await aborted(signal);
        } as FakeMethod,
      }),
      { listen },
    );
    const remote = await client(listen, { maxRetries: 0 });
    const run = remote.runtime.runPodSandbox(createMessage(api.RunPodSandboxRequest));
    const events = remote.runtime.getContainerEvents(createMessage(GetEventsRequest));
    const reading = events[Symbol.asyncIterator]();
    await reading.next();
    await reached.promise;
    const closing = server.close(5000);
    await assert.rejects(reading.next(), { code: "Unavailable" });
    const late = await client(listen, { maxRetries: 0 });
    await assert.rejects(late.runtime.version(createMessage(VersionRequest)), {
      code: "Unavailable",
    });
    finish.resolve();
    assert.equal((await run).podSandboxId, "done");
    await closing;
  });

  it("cancels what has not finished in time", async () => {
    const listen = await freshEndpoint();
    const reached = Promise.withResolvers<AbortSignal>();
    const server = await serve(fakeBackend({ pullImage: untilAborted(reached.resolve) }), {
      listen,
    });
    const remote = await client(listen, { maxRetries: 0 });
    const pull = remote.images.pullImage(createMessage(api.PullImageRequest));
    const failed = assert.rejects(pull, StatusError);
    const seen = await reached.promise;
    await server.close(50);
    await aborted(seen);
    await failed;
  });
});

function messageName(codec: unknown): MessageName {
  const found = Object.entries(api).find(([, value]) => value === codec);
  assert.ok(found);
  return found[0] as MessageName;
}

async function collect(result: unknown): Promise<unknown[]> {
  if (!(result instanceof Object) || !(Symbol.asyncIterator in result)) return [await result];
  const messages: unknown[] = [];
  for await (const message of result as AsyncIterable<unknown>) messages.push(message);
  return messages;
}

/** A method that never answers: it reports its signal and ends with the signal's reason. */
function untilAborted(report: (signal: AbortSignal) => void): FakeMethod {
  return async (_request, { signal }) => {
    assert.ok(signal);
    report(signal);
    await aborted(signal);
    throw signal.reason;
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

/** Waits until a number has stopped changing. */
async function settled(read: () => number): Promise<void> {
  let last = -1;
  await waitUntil(
    "the number stands still",
    async () => {
      const before = last;
      last = read();
      return before === last;
    },
    { timeoutMs: 10_000, intervalMs: 100 },
  );
}
