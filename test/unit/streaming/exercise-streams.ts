import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { PassThrough, Readable } from "node:stream";
import { createMessage } from "../../../src/cri/create-message.ts";
import { AttachRequest, PortForwardRequest } from "../../../src/cri/gen/runtime/v1/api.ts";
import { createStreamingServer } from "../../../src/runtime/streaming/streaming-server.ts";
import { dialAttach } from "../../../src/streaming/dial-attach.ts";
import { dialExec } from "../../../src/streaming/dial-exec.ts";
import { dialPortForward } from "../../../src/streaming/dial-port-forward.ts";
import { collector } from "./collector.ts";
import { execRequest } from "./exec-request.ts";
import { inProcessStreams, pattern, patternDigest } from "./in-process-streams.ts";

/** 100 MB through every channel, and the ends of everything. Returns what it checked. */
export async function exerciseStreams(sizeBytes: number): Promise<string[]> {
  const done: string[] = [];
  const server = await createStreamingServer({ streams: inProcessStreams() });
  const signal = AbortSignal.timeout(60_000);
  const digest = patternDigest(sizeBytes);
  for (const transport of ["spdy", "websocket"] as const) {
    const dial = { transport };
    const out = collector();
    const produce = execRequest(["produce", String(sizeBytes)]);
    await dialExec(server.execUrl(produce), produce, { stdout: out.sink, signal }, dial);
    assert.equal(out.digest(), digest);
    done.push(`${transport} out`);

    const answer = collector();
    const take = execRequest(["digest"], { stdin: true });
    const stdin = Readable.from(pattern(sizeBytes));
    await dialExec(server.execUrl(take), take, { stdin, stdout: answer.sink, signal }, dial);
    assert.equal(answer.text(), digest);
    done.push(`${transport} in`);

    const echo = collector();
    const attach = createMessage(AttachRequest, { containerId: "c", stdin: true, stdout: true });
    const io = { stdin: Readable.from(pattern(sizeBytes)), stdout: echo.sink, signal };
    await dialAttach(server.attachUrl(attach), attach, io, dial);
    assert.equal(echo.digest(), digest);
    done.push(`${transport} attach both ways`);

    const [outText, errText] = [collector(), collector()];
    const both = execRequest(["both"]);
    const sinks = { stdout: outText.sink, stderr: errText.sink, signal };
    const { exitCode } = await dialExec(server.execUrl(both), both, sinks, dial);
    assert.deepEqual([exitCode, outText.text(), errText.text()], [3, "out", "err"]);
    done.push(`${transport} status 3`);

    const open = execRequest(["exit", "4"], { stdin: true });
    const ended = await dialExec(
      server.execUrl(open),
      open,
      { stdin: new PassThrough(), signal },
      dial,
    );
    assert.equal(ended.exitCode, 4);
    done.push(`${transport} ends with stdin open`);
  }
  await exercisePortForward(server.portForwardUrl(createMessage(PortForwardRequest)), sizeBytes);
  done.push("port-forward both ways");
  await server.close();
  return done;
}

async function exercisePortForward(url: string, sizeBytes: number): Promise<void> {
  const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  const session = await dialPortForward(url);
  const connection = await session.connect((echo.address() as AddressInfo).port);
  const out = collector();
  Readable.from(pattern(sizeBytes)).pipe(connection);
  connection.pipe(out.sink);
  await once(out.sink, "finish");
  assert.equal(out.digest(), patternDigest(sizeBytes));
  await session.close();
  echo.close();
}
