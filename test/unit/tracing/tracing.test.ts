import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runCommand } from "../../../src/cli/run-command.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { createTracer, type EndedSpan } from "../../../src/tracing/tracer.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type FakeContents, fakeBackend, fakeContainer } from "../../support/fake-backend.ts";
import { memorySession } from "../../support/memory-session.ts";
import { startOtlpCollector } from "../../support/otlp-collector.ts";

const node: FakeContents = { containers: [fakeContainer({ name: "app" })] };
const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

describe("tracing", () => {
  const cleanup = cleanupAfter();

  async function traced(
    words: readonly string[],
    env: Record<string, string> = {},
    contents = node,
  ) {
    const collector = await startOtlpCollector(cleanup);
    const { session, out, err } = memorySession(fakeBackend(contents));
    const line = ["--enable-tracing", "--tracing-endpoint", collector.address, ...words];
    const status = await runCommand(line, { ...session, env: { ...session.env, ...env } });
    return { ...collector, status, out: out(), err: err() };
  }

  it("sends a span of the command with one below it for each call", async () => {
    const { spans, resource, status, out, err } = await traced(["ps", "-q"]);
    assert.deepEqual([status, out.length, err], [0, 65, ""]);
    const command = spans.find(({ name }) => name === "crish ps");
    const calls = spans.filter((span) => span !== command);
    assert.ok(command !== undefined && calls.length > 0);
    assert.equal(command.parentSpanId, "");
    assert.equal(command.kind, 1);
    for (const call of calls) {
      assert.deepEqual(
        [call.traceId, call.parentSpanId, call.kind],
        [command.traceId, command.spanId, 3],
      );
      assert.match(call.name, /^runtime\.v1\.RuntimeService\/List/);
      assert.equal(call.attributes["rpc.system"], "grpc");
      assert.ok(call.startNs >= command.startNs && call.endNs <= command.endNs);
    }
    assert.equal(resource["service.name"], "crish");
  });

  it("tells what failed, and with which status of gRPC", async () => {
    const answers = {
      listContainers: () => {
        throw new StatusError("PermissionDenied", "not yours");
      },
    };
    const { spans, status } = await traced(["ps"], {}, { answers });
    assert.equal(status, 1);
    const call = spans.find(({ name }) => name.endsWith("/ListContainers"));
    assert.deepEqual(call?.status, { code: 2, message: "not yours" });
    assert.equal(call?.attributes["rpc.grpc.status_code"], 7n);
    assert.equal(spans.find(({ name }) => name === "crish ps")?.status.code, 2);
  });

  it("tells of a command that reports its failures itself", async () => {
    const { spans, status } = await traced(["inspect", "nothing", "app"]);
    assert.equal(status, 4);
    const command = spans.find(({ name }) => name === "crish inspect");
    assert.deepEqual(command?.status, { code: 2, message: "ended with 4" });
  });

  it("goes on with the trace that TRACEPARENT names", async () => {
    const { spans } = await traced(["ps", "-q"], { TRACEPARENT: PARENT });
    const command = spans.find(({ name }) => name === "crish ps");
    assert.equal(command?.traceId, "0af7651916cd43dd8448eb211c80319c");
    assert.equal(command?.parentSpanId, "b7ad6b7169203331");
  });

  it("sends nothing at a rate of 0", async () => {
    const { spans, status } = await traced(["--tracing-sampling-rate-per-million=0", "ps"]);
    assert.deepEqual([spans.length, status], [0, 0]);
  });

  it("costs a warning, and not the command, where nobody collects", async () => {
    const { session, out, err } = memorySession(fakeBackend(node));
    const line = ["ps", "-q", "--enable-tracing", "--tracing-endpoint", "127.0.0.1:1"];
    assert.equal(await runCommand(line, session), 0);
    assert.equal(out().length, 65);
    assert.match(err(), /^warning: the trace was not taken: .*127\.0\.0\.1:1/);
  });

  for (const address of ["nowhere", "http://x:1", ":4317", "x:99999"]) {
    it(`refuses the endpoint "${address}"`, async () => {
      const { session, err } = memorySession(fakeBackend(node));
      const line = ["ps", "--enable-tracing", `--tracing-endpoint=${address}`];
      assert.equal(await runCommand(line, session), 2);
      assert.notEqual(err(), "");
    });
  }
});

describe("a tracer", () => {
  const kept = async (samplesPerMillion: number, traceparent?: string) => {
    const sent: EndedSpan[] = [];
    const send = async (spans: readonly EndedSpan[]) => void sent.push(...spans);
    const tracer = createTracer({ samplesPerMillion, traceparent, send });
    const span = tracer.start({ name: "x", kind: "internal" });
    span.end();
    span.end();
    await tracer.flush();
    await tracer.flush();
    return { sent, span };
  };

  it("sends each span once, and tells calls whether it is kept", async () => {
    const all = await kept(-1);
    assert.equal(all.sent.length, 1);
    assert.match(all.span.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    const none = await kept(0);
    assert.equal(none.sent.length, 0);
    assert.match(none.span.traceparent, /-00$/);
  });

  it("keeps about the share that is asked for", async () => {
    const outcomes = await Promise.all(Array.from({ length: 400 }, () => kept(500_000)));
    const share = outcomes.filter(({ sent }) => sent.length > 0).length / outcomes.length;
    assert.ok(share > 0.3 && share < 0.7, String(share));
  });

  it("does as its parent does, unless that is malformed", async () => {
    assert.equal((await kept(0, PARENT)).sent.length, 1);
    assert.equal((await kept(-1, PARENT.replace(/01$/, "00"))).sent.length, 0);
    for (const wrong of [
      "",
      "x",
      `ff${PARENT.slice(2)}`,
      PARENT.replace(/b7ad6b7169203331/, "0".repeat(16)),
    ]) {
      assert.equal((await kept(-1, wrong)).sent[0]?.parentSpanId, undefined);
    }
  });
});
