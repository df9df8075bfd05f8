import { leanExec } from "../../../src/streaming/lean/lean-exec.ts";
import type { Cleanup } from "../../support/cleanup.ts";
import { startSpdyServer } from "../../support/spdy-server.ts";
import { execRequest } from "./exec-request.ts";
import { outputRecord } from "./output-record.ts";

interface Options {
  readonly timeoutMs?: number;
  readonly protocol?: string;
  readonly write?: (channel: "stdout" | "stderr", bytes: Uint8Array) => Promise<void>;
}

/** An exec under way, whose server the test is. */
export async function startLeanExec(cleanup: Cleanup, options: Options = {}) {
  const server = await startSpdyServer(cleanup);
  const controller = new AbortController();
  cleanup.add("interrupt the exec", () => controller.abort());
  const out = outputRecord();
  const io = { write: options.write ?? out.write, signal: controller.signal };
  const running = leanExec(server.url, execRequest([]), io, options.timeoutMs);
  running.catch(() => undefined);
  const peer = await server.accept();
  return { running, peer, out, server, abort: () => controller.abort() };
}

/** The same, with the streams open. */
export async function openLeanExec(cleanup: Cleanup, options: Options = {}) {
  const started = await startLeanExec(cleanup, options);
  await started.peer.open(options.protocol);
  return started;
}
