import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import { before, describe, it } from "node:test";
import type { CriBackend, ExecStreamRequest, StreamIo } from "../../../src/cri/backend.ts";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  AttachRequest,
  ContainerConfig,
  ExecRequest,
  ImageSpec,
  PodSandboxConfig,
  PortForwardRequest,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { openRemote } from "../../../src/cri/remote-backend.ts";
import { hasCode } from "../../../src/errors/status-error.ts";
import { busyboxImage } from "../../support/busybox-image.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { startContainerd } from "../../support/containerd.ts";
import { dockerArchive } from "../../support/image-archive.ts";
import { pattern, patternDigest } from "../../unit/streaming/in-process-streams.ts";
import { outputRecord } from "../../unit/streaming/output-record.ts";

const IMAGE = "localhost/busybox:streaming";
const SIZE_BYTES = 100 * 1024 * 1024;
const HTTPD_PORT = 8080;

describe("streams against a real containerd", { timeout: 180_000 }, () => {
  const cleanup = cleanupAfter();
  let backend: CriBackend;
  let podId = "";
  let containerId = "";
  let shellId = "";

  before(async () => {
    const containerd = await startContainerd(cleanup);
    const archive = join(containerd.directory, "busybox.tar");
    await writeFile(archive, dockerArchive(busyboxImage(), [IMAGE]));
    await containerd.importImage(archive);
    backend = await openRemote({
      runtimeEndpoint: containerd.endpoint,
      connectTimeoutMs: 5_000,
      maxRetries: 3,
    });
    cleanup.add("close the backend", () => backend.close());
    const sandboxConfig = createMessage(PodSandboxConfig, {
      metadata: { name: "streams", uid: "u1", namespace: "default", attempt: 0 },
    });
    const request = { config: sandboxConfig, runtimeHandler: "" };
    podId = (await backend.runtime.runPodSandbox(request)).podSandboxId;
    cleanup.add("remove the pod", async () => {
      await backend.runtime.stopPodSandbox({ podSandboxId: podId });
      await backend.runtime.removePodSandbox({ podSandboxId: podId });
    });
    const start = async (name: string, fields: Partial<ContainerConfig>): Promise<string> => {
      const config = createMessage(ContainerConfig, {
        metadata: { name, attempt: 0 },
        image: createMessage(ImageSpec, { image: IMAGE }),
        ...fields,
      });
      const created = await backend.runtime.createContainer({
        podSandboxId: podId,
        config,
        sandboxConfig,
      });
      await backend.runtime.startContainer({ containerId: created.containerId });
      return created.containerId;
    };
    containerId = await start("web", {
      command: ["httpd", "-f", "-p", String(HTTPD_PORT), "-h", "/var/www"],
    });
    shellId = await start("shell", { command: ["sh"], stdin: true, stdinOnce: true });
  });

  const exec = async (
    cmd: string[],
    io: Partial<StreamIo> = {},
    fields: Partial<ExecStreamRequest> = {},
  ) => {
    const out = collector();
    const err = collector();
    const request = createMessage(ExecRequest, {
      containerId,
      cmd,
      stdout: true,
      stderr: true,
      stdin: io.stdin !== undefined,
      ...fields,
    });
    const { exitCode } = await backend.streams.exec(request, {
      stdout: out.sink,
      stderr: err.sink,
      signal: AbortSignal.timeout(60_000),
      ...io,
    });
    return { exitCode, stdout: out.text(), stderr: err.text(), out };
  };

  for (const transport of ["spdy", "websocket"] as const) {
    const dial = { transport };
    it(`tells output, errors and status apart over ${transport}`, async () => {
      const result = await exec(["sh", "-c", "echo out; echo err >&2; exit 7"], { dial });
      assert.deepEqual([result.exitCode, result.stdout, result.stderr], [7, "out\n", "err\n"]);
    });

    it(`brings 100 MB out whole over ${transport}`, async () => {
      const script = `head -c ${SIZE_BYTES} /dev/zero | tr '\\0' 'x' | tee /tmp/big | sha256sum >&2; cat /tmp/big`;
      const result = await exec(["sh", "-c", script], { dial });
      assert.equal(result.out.size(), SIZE_BYTES);
      assert.equal(result.stderr.split(" ")[0], result.out.digest());
    });

    it(`says that a program is missing over ${transport}`, async () => {
      await assert.rejects(exec(["nothing-of-that-name"], { dial }), (error) =>
        hasCode(error, "NotFound"),
      );
    });
  }

  const execLean = async (script: string) => {
    const record = outputRecord();
    const result = await exec(["sh", "-c", script], { write: record.write });
    assert.equal(result.stdout + result.stderr, "", "the streams were written to");
    return { exitCode: result.exitCode, record };
  };

  it("tells output, errors and status apart without streams", async () => {
    for (const status of [0, 7, 255]) {
      const { exitCode, record } = await execLean(`echo out; echo err >&2; exit ${status}`);
      assert.deepEqual(
        [exitCode, record.text("stdout"), record.text("stderr")],
        [status, "out\n", "err\n"],
      );
    }
  });

  it("brings 100 MB out whole without streams", async () => {
    const made = `head -c ${SIZE_BYTES} /dev/urandom | tee /tmp/lean | sha256sum >&2; cat /tmp/lean`;
    const { exitCode, record } = await execLean(made);
    assert.deepEqual([exitCode, record.size("stdout")], [0, SIZE_BYTES]);
    assert.equal(record.text("stderr").split(" ")[0], record.digest("stdout"));
  });

  it("tells of a killed command and of a missing program without streams", async () => {
    assert.equal((await execLean("echo last; kill -9 $$")).exitCode, 137);
    const io = { write: outputRecord().write };
    await assert.rejects(exec(["nothing-of-that-name"], io), { code: "NotFound" });
    await assert.rejects(exec(["/etc/passwd"], io), { code: "PermissionDenied" });
  });

  it("lets go of a command without streams when it is interrupted", async () => {
    const controller = new AbortController();
    const io = { write: async () => controller.abort(), signal: controller.signal };
    await assert.rejects(exec(["sh", "-c", "echo go; sleep 100"], io), { code: "Cancelled" });
  });

  it("ends by itself when stdin ends", async () => {
    const result = await exec(["cat"], { stdin: Readable.from([Buffer.from("hi\n")]) });
    assert.deepEqual([result.exitCode, result.stdout], [0, "hi\n"]);
  });

  it("refuses to send a stdin over WebSocket v4 that could never end", async () => {
    const io = { stdin: Readable.from(["hi\n"]), dial: { transport: "websocket" as const } };
    await assert.rejects(exec(["cat"], io), (error) => hasCode(error, "FailedPrecondition"));
  });

  it("brings 100 MB in whole", async () => {
    const stdin = Readable.from(pattern(SIZE_BYTES));
    const result = await exec(["sh", "-c", "cat > /tmp/in && sha256sum /tmp/in"], { stdin });
    assert.equal(result.stdout.split(" ")[0], patternDigest(SIZE_BYTES));
  });

  it("ends with the command although stdin goes on", async () => {
    const stdin = new PassThrough();
    const result = await exec(["sh", "-c", "head -n 1; exit 5"], { stdin: feed(stdin, "one\n") });
    assert.deepEqual([result.exitCode, result.stdout], [5, "one\n"]);
  });

  it("keeps every byte for a reader that is slow", async () => {
    const slow = collector(2);
    const result = await exec(["head", "-c", "4194304", "/dev/zero"], { stdout: slow.sink });
    assert.deepEqual([result.exitCode, slow.size()], [0, 4_194_304]);
  });

  for (const transport of ["spdy", "websocket"] as const) {
    it(`gives the terminal its size and its changes over ${transport}`, async () => {
      const sizes = Promise.withResolvers<void>();
      const out = collector(0, (text) => text.includes("33 101") && sizes.resolve());
      const stdin = new PassThrough();
      async function* resize() {
        yield { columns: 101, rows: 33 };
        await sizes.promise;
        yield { columns: 77, rows: 22 };
      }
      const until = (columns: number) =>
        `until stty size 2>/dev/null | grep ' ${columns}'; do sleep 0.05; done`;
      const script = `${until(101)}; ${until(77)}`;
      const result = await exec(
        ["sh", "-c", script],
        { stdin, stdout: out.sink, resize: resize(), dial: { transport } },
        { tty: true, stderr: false },
      );
      assert.equal(result.exitCode, 0);
      assert.match(out.text(), /33 101\r\n[\s\S]*22 77\r\n/);
    });
  }

  it("attaches to a shell, and the end of stdin ends it", async () => {
    const said = Promise.withResolvers<void>();
    const out = collector(0, (text) => text.includes("tick\n") && said.resolve());
    // What it answers at once may be written before containerd has joined this client to its output.
    const script = "until [ -e /seen ]; do echo tick; sleep 0.1; done; echo from-shell\n";
    const stdin = Readable.from([Buffer.from(script)]);
    const request = { containerId: shellId, stdin: true, stdout: true, stderr: true };
    const attached = backend.streams.attach(createMessage(AttachRequest, request), {
      stdin,
      stdout: out.sink,
      signal: AbortSignal.timeout(30_000),
    });
    await said.promise;
    await backend.runtime.execSync({ containerId: shellId, cmd: ["touch", "/seen"], timeout: 20n });
    await attached;
    assert.match(out.text(), /^(tick\n)+from-shell\n$/);
  });

  it("forwards many connections to a port, and one that fails ends alone", async () => {
    const request = createMessage(PortForwardRequest, { podSandboxId: podId });
    const session = await backend.streams.portForward(request);
    try {
      const refused = await session.connect(9);
      const failure = new Promise<unknown>((resolve) => refused.once("error", resolve));
      const gone = new Promise<unknown>((resolve) => refused.once("close", resolve));
      refused.resume();
      const pages = Array.from({ length: 5 }, async () => {
        const connection = await session.connect(HTTPD_PORT);
        connection.write("GET / HTTP/1.0\r\n\r\n");
        return Buffer.concat(await connection.toArray()).toString();
      });
      for (const page of await Promise.all(pages))
        assert.match(page, /200 OK[\s\S]*hello World\n$/);
      await Promise.race([failure, gone]);
    } finally {
      await session.close();
    }
  });

  it("says that containerd does not tunnel port forwarding in a WebSocket", async () => {
    const request = createMessage(PortForwardRequest, { podSandboxId: podId });
    const session = backend.streams.portForward(request, { dial: { transport: "websocket" } });
    await assert.rejects(session, (error) => hasCode(error, "FailedPrecondition"));
  });

  it("says NotFound when a URL is used twice", async () => {
    const { dialExec } = await import("../../../src/streaming/dial-exec.ts");
    const request = createMessage(ExecRequest, { containerId, cmd: ["true"], stdout: true });
    const { url } = await backend.runtime.exec(request);
    const io = { signal: AbortSignal.timeout(10_000) };
    assert.deepEqual(await dialExec(url, request, io), { exitCode: 0 });
    await assert.rejects(dialExec(url, request, io), (error) => hasCode(error, "NotFound"));
  });
});

/** A sink that counts, hashes and keeps the start; `delayMs` for each chunk makes it slow. */
function collector(delayMs = 0, onText: (text: string) => void = () => {}) {
  const hash = createHash("sha256");
  let size = 0;
  let text = "";
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      if (text.length < 10_000) {
        text += chunk.toString("utf8");
        onText(text);
      }
      if (delayMs > 0) setTimeout(done, delayMs);
      else done();
    },
  });
  return { sink, size: () => size, text: () => text, digest: () => hash.digest("hex") };
}

/** A stdin that has some bytes and stays open. */
function feed(stream: PassThrough, text: string): PassThrough {
  stream.write(text);
  return stream;
}
