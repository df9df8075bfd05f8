import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { describe as describeError } from "../../../src/errors/describe.ts";
import { hasCode, type StatusCode } from "../../../src/errors/status-error.ts";
import type { RegistryPatience } from "../../../src/registry/retry.ts";
import { listImages } from "../../../src/runtime/images/list-images.ts";
import { type PullOptions, pullImage } from "../../../src/runtime/images/pull-image.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type FakeRegistry, startFakeRegistry } from "../../support/fake-registry.ts";
import { buildImage, jsonBlob, OCI_TYPES } from "../../support/image-builder.ts";
import { openTestEngine } from "../../support/open-test-engine.ts";

/** Asks again at once; a test that is about silence shortens that as well. */
const IMPATIENT: RegistryPatience = {
  answerTimeoutMs: 30_000,
  stallTimeoutMs: 30_000,
  retries: 2,
  firstDelayMs: 5,
};

const image = buildImage({
  layers: [
    [{ path: "one", data: randomBytes(300_000) }],
    [{ path: "two", data: randomBytes(2_000_000) }],
  ],
});
const layer = image.layers[1]?.digest ?? "";

describe("pulling from a registry that misbehaves", async () => {
  const cleanup = cleanupAfter();
  const engine = await openTestEngine(cleanup);
  const pull = (registry: FakeRegistry, options: Partial<PullOptions> = {}) =>
    pullImage(engine, {
      reference: `${registry.host}/app:1`,
      patience: IMPATIENT,
      ...options,
    });

  /** Nothing of a failed pull may be left: no row, no file. */
  function assertNothingLeft(): void {
    assert.deepEqual(listImages(engine), []);
    const rows = engine.database.read((db) =>
      ["intents", "locks", "snapshots", "blobs", "image_names", "image_blobs"].map((table) =>
        Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n),
      ),
    );
    assert.deepEqual(rows, [0, 0, 0, 0, 0, 0]);
    assert.deepEqual(readdirSync(engine.paths.snapshots), []);
    assert.deepEqual(readdirSync(join(engine.paths.content, "ingest")), []);
    assert.deepEqual(readdirSync(join(engine.paths.content, "blobs", "sha256")), []);
  }

  async function assertFails(pending: Promise<unknown>, code: StatusCode, pattern: RegExp) {
    await assert.rejects(pending, (error) => {
      assert.match(describeError(error).message, pattern);
      assert.ok(hasCode(error, code), String(error));
      return true;
    });
    assertNothingLeft();
  }

  // The directories appear with the first blob; a pull that works makes them.
  const seed = await startFakeRegistry(cleanup, image);
  const { removeImage } = await import("../../../src/runtime/images/remove-image.ts");
  await removeImage(engine, (await pull(seed)).id);

  const answers: [string, number, StatusCode, RegExp][] = [
    ["wants credentials", 401, "Unauthenticated", /refused manifest of "app:1" \(status 401/],
    ["forbids", 403, "PermissionDenied", /status 403/],
    ["does not know the image", 404, "NotFound", /has no manifest of "app:1"/],
    ["is broken", 500, "Unavailable", /status 500/],
  ];
  for (const [what, status, code, pattern] of answers) {
    it(`says so when it ${what}`, async () => {
      const registry = await startFakeRegistry(cleanup, image);
      registry.intercept = (_, response) => {
        response.writeHead(status).end();
        return true;
      };
      await assertFails(pull(registry), code, pattern);
    });
  }

  it("says so when the connection is refused", async () => {
    // No other test listens there; port 1 is refused by fetch itself.
    await assertFails(
      pullImage(engine, { reference: "127.0.0.1:3/app", patience: IMPATIENT }),
      "Unavailable",
      /the registry "127.0.0.1:\d+" refused the connection/,
    );
  });

  it("says so when nobody answers", async () => {
    const silent = createServer((socket) => socket.on("error", () => {}));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : 0;
    const host = `127.0.0.1:${port}`;
    const patience = { ...IMPATIENT, retries: 0, answerTimeoutMs: 200 };
    await assertFails(
      pullImage(engine, { reference: `${host}/app`, patience }),
      "Unavailable",
      /did not answer in time/,
    );
    silent.close();
  });

  it("ends with DeadlineExceeded or Cancelled, whichever came", async () => {
    const registry = await startFakeRegistry(cleanup, image);
    registry.intercept = (request, response) => isBlob(request) && stall(response);
    await assertFails(pull(registry, { timeoutMs: 100 }), "DeadlineExceeded", /took too long/);
    await assertFails(
      pull(registry, { signal: AbortSignal.timeout(100) }),
      "DeadlineExceeded",
      /deadline/,
    );
    const controller = new AbortController();
    const pending = pull(registry, { signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    await assertFails(pending, "Cancelled", /interrupted/);
    await assertFails(pull(registry, { timeoutMs: 1 }), "DeadlineExceeded", /took too long/);
  });

  it("goes on where a transfer broke off", async () => {
    const registry = await startFakeRegistry(cleanup, image);
    let breaks = 3;
    registry.intercept = (request, response) => {
      if (!request.url?.endsWith(layer) || breaks-- <= 0) return false;
      sendPart(request, response, 400_000);
      return true;
    };
    const pulled = await pull(registry);
    assert.equal(pulled.id, image.config.digest);
    const ranges = registry.requests
      .filter(({ line }) => line.endsWith(layer))
      .map(({ range }) => Number(/\d+/.exec(range ?? "0")?.[0]));
    assert.equal(ranges.length, 4);
    assert.deepEqual(
      ranges,
      ranges.toSorted((a, b) => a - b),
    );
    assert.ok((ranges[3] ?? 0) > 0);
    await removeImage(engine, pulled.id);
  });

  it("goes on where a transfer stalled, also from a server without Range", async () => {
    const registry = await startFakeRegistry(cleanup, image);
    let stalls = 1;
    registry.intercept = (request, response) => {
      if (!request.url?.endsWith(layer)) return false;
      delete request.headers.range;
      if (stalls-- <= 0) return false;
      const bytes = image.layers[1]?.bytes ?? Buffer.alloc(0);
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 500_000));
      return true;
    };
    const patience = { ...IMPATIENT, stallTimeoutMs: 500 };
    await removeImage(engine, (await pull(registry, { patience })).id);
  });

  it("asks again after 429 and 503", async () => {
    const registry = await startFakeRegistry(cleanup, image);
    const statuses = [429, 503];
    registry.intercept = (_, response) => {
      const status = statuses.shift();
      if (status === undefined) return false;
      response.writeHead(status, { "retry-after": "0" }).end();
      return true;
    };
    await removeImage(engine, (await pull(registry)).id);
  });

  it("gives up on a layer that is always cut short", async () => {
    const registry = await startFakeRegistry(cleanup, image);
    registry.intercept = (request, response) => {
      if (!request.url?.endsWith(layer)) return false;
      const start = Number(/\d+/.exec(request.headers.range ?? "0")?.[0]);
      sendPart(request, response, start === 0 ? 1000 : 0);
      return true;
    };
    await assertFails(pull(registry), "Unavailable", /broke off|ended after/);
  });

  it("refuses a blob with another digest, and a longer one", async () => {
    const registry = await startFakeRegistry(cleanup, image);
    const bytes = Buffer.from(image.layers[1]?.bytes ?? "");
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    registry.intercept = (request, response) => {
      if (request.url?.endsWith(layer)) response.end(bytes);
      return request.url?.endsWith(layer) ?? false;
    };
    await assertFails(pull(registry), "DataLoss", /has the digest|damaged/);
    registry.intercept = (request, response) => {
      if (request.url?.endsWith(layer)) response.end(Buffer.concat([bytes, bytes]));
      return request.url?.endsWith(layer) ?? false;
    };
    await assertFails(pull(registry), "DataLoss", /longer than/);
  });

  it("refuses a config and a manifest that are not what was asked for", async () => {
    const registry = await startFakeRegistry(cleanup, image);
    registry.intercept = (request, response) => {
      if (request.url?.endsWith(image.config.digest))
        response.end(" ".repeat(image.config.bytes.length));
      return request.url?.endsWith(image.config.digest) ?? false;
    };
    await assertFails(pull(registry), "DataLoss", /the image's config has the digest/);
    registry.intercept = (_, response) => {
      response.end("{}");
      return true;
    };
    await assertFails(
      pull(registry, { reference: `${registry.host}/app@${image.manifest.digest}` }),
      "DataLoss",
      /manifest of .* has the digest/,
    );
  });

  it("refuses manifests that are malformed", async () => {
    const registry = await startFakeRegistry(cleanup, image);
    const layers = [{ digest: "../../etc/passwd", size: 1 }];
    const bodies: [string, StatusCode, RegExp][] = [
      ["<html>", "DataLoss", /not JSON/],
      ["[]", "DataLoss", /no JSON object/],
      ['{"schemaVersion":1}', "Unimplemented", /schema 1/],
      ['{"schemaVersion":2}', "DataLoss", /no list/],
      [JSON.stringify({ layers, config: {} }), "DataLoss", /no SHA-256 digest/],
      [JSON.stringify({ layers: [], config: { digest: layer, size: -1 } }), "DataLoss", /size/],
      ['{"manifests":[]}', "NotFound", /nothing for linux/],
    ];
    for (const [body, code, pattern] of bodies) {
      registry.intercept = (_, response) => {
        response.end(body);
        return true;
      };
      await assertFails(pull(registry), code, pattern);
    }
  });

  it("refuses a layer whose content is not what the config says", async () => {
    const other = buildImage({ layers: [[{ path: "x" }], [{ path: "y" }]] });
    const manifest = jsonBlob(OCI_TYPES.manifest, {
      ...JSON.parse(image.manifest.bytes.toString()),
      config: { digest: other.config.digest, size: other.config.bytes.length, mediaType: "" },
    });
    const registry = await startFakeRegistry(cleanup, { ...image, manifest, config: other.config });
    await assertFails(pull(registry), "DataLoss", /the content of layer/);
  });

  it("does not follow a redirect in a circle, and keeps secrets from other hosts", async () => {
    const storage = await startFakeRegistry(cleanup, image);
    const registry = await startFakeRegistry(cleanup, image);
    registry.intercept = (request, response) => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
        return true;
      }
      if (!isBlob(request)) return false;
      response.writeHead(307, { location: `http://${storage.host}${request.url}` }).end();
      return true;
    };
    const credentials = { username: "anna", password: "geheim" };
    await removeImage(engine, (await pull(registry, { credentials })).id);
    assert.ok(storage.requests.length > 0);
    assert.ok(storage.requests.every(({ authorization }) => authorization === undefined));
    registry.intercept = (request, response) => {
      response.writeHead(307, { location: request.url }).end();
      return true;
    };
    await assertFails(pull(registry), "Unavailable", /in a circle/);
  });

  it("proves who asks with a bearer token, once for all layers", async () => {
    const registry = await startFakeRegistry(cleanup, image);
    let tokens = 0;
    registry.intercept = (request, response) => {
      const url = new URL(request.url ?? "", `http://${registry.host}`);
      if (url.pathname === "/token") {
        const isAnna = request.headers.authorization === "Basic YW5uYTpnZWhlaW0=";
        assert.equal(url.searchParams.get("service"), "svc");
        assert.equal(url.searchParams.get("scope"), "repository:app:pull");
        tokens += 1;
        if (isAnna) response.end(JSON.stringify({ token: "t0ken" }));
        else response.writeHead(401).end();
        return true;
      }
      if (request.headers.authorization === "Bearer t0ken") return false;
      const challenge = `Bearer realm="http://${registry.host}/token",service="svc",scope="repository:app:pull"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
      return true;
    };
    await assertFails(pull(registry), "Unauthenticated", /refused a token/);
    await assert.rejects(
      pull(registry, { credentials: { username: "anna", password: "wr0ng-secret" } }),
      (error) => {
        assert.match(describeError(error).hint ?? "", /^the credentials that were sent are wrong/);
        return !JSON.stringify(describeError(error)).includes("wr0ng-secret");
      },
    );
    tokens = 0;
    const credentials = { username: "anna", password: "geheim" };
    await removeImage(engine, (await pull(registry, { credentials })).id);
    assert.equal(tokens, 1);
  });

  it("asks a mirror first and the registry when the mirror fails", async () => {
    const registry = await startFakeRegistry(cleanup, image);
    const mirror = await startFakeRegistry(cleanup, image);
    const mirrors = [`http://${mirror.host}`];
    const config = {
      ...engine.config,
      registries: { [registry.host]: { mirrors, insecure: false, caFile: undefined } },
    };
    const reference = `${registry.host}/app:1`;
    const mirrored = { ...engine, config };
    await removeImage(engine, (await pullImage(mirrored, { reference })).id);
    assert.equal(registry.requests.length, 0);
    mirror.intercept = (_, response) => {
      response.writeHead(404).end();
      return true;
    };
    const { id } = await pullImage(mirrored, { reference, patience: IMPATIENT });
    assert.ok(registry.requests.length > 0);
    await removeImage(engine, id);
    assertNothingLeft();
  });
});

function isBlob(request: IncomingMessage): boolean {
  return request.url?.includes("/blobs/") ?? false;
}

function stall(response: ServerResponse): true {
  response.writeHead(200, { "content-length": 1_000_000 });
  response.write("x");
  return true;
}

/** Promises the rest of the blob and breaks the connection after some of it. */
function sendPart(request: IncomingMessage, response: ServerResponse, sizeBytes: number): void {
  const bytes = image.layers[1]?.bytes ?? Buffer.alloc(0);
  const start = Number(/\d+/.exec(request.headers.range ?? "0")?.[0]);
  response.writeHead(start > 0 ? 206 : 200, {
    "content-length": bytes.length - start,
    "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
  });
  response.write(bytes.subarray(start, start + sizeBytes), () =>
    setTimeout(() => response.destroy(), 20),
  );
}
