import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IMAGE_METHODS, RUNTIME_METHODS } from "../../../src/cri/methods.ts";
import { createRpcClient, type Rpc, type RpcClientOptions } from "../../../src/cri/rpc-client.ts";
import type { Transport } from "../../../src/cri/transport.ts";
import { connectError } from "../../../src/cri/wire-error.ts";
import { StatusError } from "../../../src/errors/status-error.ts";

const version: Rpc = {
  service: "RuntimeService",
  method: "version",
  facts: RUNTIME_METHODS.version,
};
const stopContainer: Rpc = {
  service: "RuntimeService",
  method: "stopContainer",
  facts: RUNTIME_METHODS.stopContainer,
};
const listImages: Rpc = {
  service: "ImageService",
  method: "listImages",
  facts: IMAGE_METHODS.listImages,
};

const refused = () => connectError("unix:///run/x.sock", "ECONNREFUSED");
const lost = () => new StatusError("Unavailable", "lost the connection");
const unimplemented = () => new StatusError("Unimplemented", "unknown method");

/** A client whose calls fail with the given errors in turn and succeed after them. */
function client(left: StatusError[], options: Partial<RpcClientOptions> = {}) {
  const paths: string[] = [];
  const transport: Transport = {
    async unary({ path, signal }) {
      if (signal?.aborted === true) throw new StatusError("Cancelled", "was cancelled");
      paths.push(path);
      const error = left.shift();
      if (error !== undefined) throw error;
      return new Uint8Array(0);
    },
    async *serverStream({ path }) {
      paths.push(path);
      const error = left.shift();
      if (error !== undefined) throw error;
      yield new Uint8Array(0);
    },
    close() {},
  };
  return { rpc: createRpcClient(transport, { maxRetries: 3, ...options }), paths };
}

describe("a call that changes nothing", () => {
  it("is marked as harmless, and no other is", async () => {
    const harmless: string[] = [];
    const transport: Transport = {
      async unary({ path, isHarmless }) {
        if (isHarmless === true) harmless.push(path.split("/").at(-1) ?? "");
        return new Uint8Array(0);
      },
      async *serverStream() {},
      close() {},
    };
    const rpc = createRpcClient(transport, { maxRetries: 0 });
    const named = { RuntimeService: RUNTIME_METHODS, ImageService: IMAGE_METHODS } as const;
    for (const [service, methods] of Object.entries(named)) {
      for (const [method, facts] of Object.entries(methods)) {
        if (facts.serverStreaming) continue;
        const { encode } = { encode: () => ({ finish: () => new Uint8Array(0) }) };
        const call = {
          service,
          method,
          facts: { ...facts, request: { ...facts.request, encode } },
        };
        await rpc.unary(call as Rpc, {}, { timeoutMs: 0 });
      }
    }
    assert.deepEqual(harmless.sort(), [
      ...["Attach", "ContainerStats", "ContainerStatus", "Exec", "ImageFsInfo", "ImageStatus"],
      ...["ListContainerStats", "ListContainers", "ListImages", "ListMetricDescriptors"],
      ...["ListPodSandbox", "ListPodSandboxMetrics", "ListPodSandboxStats", "PodSandboxStats"],
      ...["PodSandboxStatus", "PortForward", "RuntimeConfig", "Status", "Version"],
    ]);
  });
});

describe("a call with metadata", () => {
  it("takes it along, unary or streamed", async () => {
    const seen: unknown[] = [];
    const transport: Transport = {
      async unary({ metadata }) {
        seen.push(metadata);
        return new Uint8Array(0);
      },
      async *serverStream({ metadata }) {
        seen.push(metadata);
        yield new Uint8Array(0);
      },
      close() {},
    };
    const rpc = createRpcClient(transport, { maxRetries: 0 });
    await rpc.unary(version, { version: "" }, { metadata: { traceparent: "x" } });
    for await (const _ of rpc.serverStream(version, {}, { metadata: { traceparent: "y" } }));
    await rpc.unary(version, { version: "" });
    assert.deepEqual(seen, [{ traceparent: "x" }, { traceparent: "y" }, undefined]);
  });
});

describe("a call over a connection that fails", () => {
  it("is made again while nothing listens, whatever it does", async () => {
    const { rpc, paths } = client([refused(), refused()]);
    await rpc.unary(stopContainer, { containerId: "c", timeout: 0n });
    assert.equal(paths.length, 3);
  });

  it("is not made again where the client was closed", async () => {
    const { rpc, paths } = client([lost(), lost(), lost()]);
    const answered = rpc.unary(version, { version: "" });
    rpc.close();
    await assert.rejects(answered, { message: "lost the connection" });
    assert.equal(paths.length, 1);
  });

  it("is made again no more often than the settings say", async () => {
    const { rpc, paths } = client([refused(), refused(), refused()], { maxRetries: 1 });
    await assert.rejects(rpc.unary(version, { version: "" }), { code: "Unavailable" });
    assert.equal(paths.length, 2);
  });

  it("is made again after a lost connection only where it changes nothing", async () => {
    const reading = client([lost()]);
    await reading.rpc.unary(listImages, { filter: undefined });
    assert.equal(reading.paths.length, 2);
    const stopping = client([lost()]);
    const stop = stopping.rpc.unary(stopContainer, { containerId: "c", timeout: 0n });
    await assert.rejects(stop, { code: "Unavailable" });
    assert.equal(stopping.paths.length, 1);
  });

  for (const errno of ["ENOENT", "EACCES"]) {
    it(`fails at once with ${errno}`, async () => {
      const { rpc, paths } = client([connectError("unix:///run/x.sock", errno)]);
      await assert.rejects(rpc.unary(version, { version: "" }), StatusError);
      assert.equal(paths.length, 1);
    });
  }

  it("is cancelled, and not made again, where its signal comes while it waits", async () => {
    const controller = new AbortController();
    const { rpc, paths } = client([refused(), refused(), refused()]);
    const call = rpc.unary(version, { version: "" }, { signal: controller.signal });
    controller.abort();
    await assert.rejects(call, { code: "Cancelled" });
    assert.equal(paths.length, 1);
  });
});

describe("the choice of the CRI package", () => {
  const v1 = "/runtime.v1.RuntimeService/Version";
  const v1alpha2 = "/runtime.v1alpha2.RuntimeService/Version";
  const call = (rpc: ReturnType<typeof client>["rpc"]) => rpc.unary(version, { version: "" });

  it("costs a server that speaks v1 nothing", async () => {
    const { rpc, paths } = client([]);
    await call(rpc);
    assert.deepEqual(paths, [v1]);
  });

  it("costs a server that speaks v1alpha2 one call, once", async () => {
    const { rpc, paths } = client([unimplemented()]);
    await call(rpc);
    await call(rpc);
    assert.deepEqual(paths, [v1, v1alpha2, v1alpha2]);
  });

  it("is settled by an answer that is a failure, too", async () => {
    const { rpc, paths } = client([new StatusError("NotFound", "no such thing"), unimplemented()]);
    await assert.rejects(call(rpc), { code: "NotFound" });
    await assert.rejects(call(rpc), { code: "Unimplemented" });
    assert.deepEqual(paths, [v1, v1]);
  });

  it("goes back to v1 where the daemon came back without v1alpha2", async () => {
    const errors = [unimplemented()];
    const { rpc, paths } = client(errors);
    await call(rpc);
    errors.push(unimplemented());
    await call(rpc);
    await call(rpc);
    assert.deepEqual(paths, [v1, v1alpha2, v1alpha2, v1, v1]);
  });

  it("reports a method that neither has after two calls", async () => {
    const { rpc, paths } = client([unimplemented(), unimplemented()]);
    await assert.rejects(call(rpc), { code: "Unimplemented", message: "unknown method" });
    assert.deepEqual(paths, [v1, v1alpha2]);
  });
});
