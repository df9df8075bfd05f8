import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { describe as describeError } from "../../../src/errors/describe.ts";
import { hasCode, type StatusCode } from "../../../src/errors/status-error.ts";
import type { RegistryPatience } from "../../../src/registry/retry.ts";
import { loadArchive } from "../../../src/runtime/images/load-archive.ts";
import {
  type PushOptions,
  pushStoredImage,
} from "../../../src/runtime/images/push-stored-image.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { ociArchive } from "../../support/image-archive.ts";
import { buildImage } from "../../support/image-builder.ts";
import { openTestEngine } from "../../support/open-test-engine.ts";
import { startUploadRegistry } from "../../support/upload-registry.ts";

/** Asks again at once; a test that is about silence shortens that as well. */
const IMPATIENT: RegistryPatience = {
  answerTimeoutMs: 30_000,
  stallTimeoutMs: 30_000,
  retries: 2,
  firstDelayMs: 5,
};
const LARGE = 8_000_000;

describe("pushing to a registry that misbehaves", async () => {
  const cleanup = cleanupAfter();
  const registry = await startUploadRegistry(cleanup);
  const engine = await openTestEngine(cleanup);
  const image = buildImage({
    layers: [[{ path: "large", data: randomBytes(LARGE) }], [{ path: "small", data: "x" }]],
  });
  await loadArchive(engine, Readable.from([ociArchive(image, "docker.io/library/app:1")]));
  const push = (options: Partial<PushOptions> = {}) =>
    pushStoredImage(engine, {
      reference: "app:1",
      target: `${registry.host}/app:1`,
      patience: IMPATIENT,
      ...options,
    });

  function assertPushed(): void {
    assert.deepEqual(registry.manifests.get("1"), image.manifest.bytes);
    for (const { digest, bytes } of [image.config, ...image.layers]) {
      assert.ok(registry.blobs.get(digest)?.equals(bytes), digest);
    }
  }

  async function assertFails(pending: Promise<unknown>, code: StatusCode, pattern: RegExp) {
    await assert.rejects(pending, (error) => {
      const { message, hint = "" } = describeError(error);
      const text = `${message} ${hint}`;
      assert.ok(hasCode(error, code), text);
      assert.match(text, pattern);
      return true;
    });
    assert.equal(registry.manifests.size, 0);
    const intents = engine.database.read((db) => db.prepare("SELECT * FROM intents").all());
    assert.deepEqual(intents, []);
  }

  function uploadsOfLarge() {
    return registry.requests.filter(({ line }) => line.startsWith("PATCH"));
  }

  it("goes on where the registry says that a broken upload stands, as often as it stands further", async () => {
    registry.reset();
    let breaks = 0;
    let next = LARGE / 8;
    registry.onPiece = (uploadBytes) => {
      if (uploadBytes < next) return true;
      next = uploadBytes + LARGE / 8;
      breaks += 1;
      return false;
    };
    const progress: number[] = [];
    const { digest } = image.layers[0] ?? image.config;
    await push({
      onProgress: ({ layers }) =>
        progress.push(layers.find((layer) => layer.digest === digest)?.doneBytes ?? 0),
    });
    assertPushed();
    assert.ok(breaks > IMPATIENT.retries, `${breaks}`);
    assert.ok(registry.receivedBytes < LARGE * 1.2, `${registry.receivedBytes}`);
    const ranges = uploadsOfLarge().map(({ range }) => range);
    assert.ok(ranges.length >= breaks);
    assert.equal(ranges[0], undefined);
    assert.match(ranges[1] ?? "", /^[1-9]\d*-\d+$/);
    assert.ok(progress.every((bytes) => bytes <= (image.layers[0]?.bytes.length ?? 0)));
  });

  it("begins anew where the registry has given the upload up", async () => {
    registry.reset();
    let isBroken = false;
    registry.onPiece = (uploadBytes) => {
      if (isBroken || uploadBytes < LARGE / 2) return true;
      isBroken = true;
      return false;
    };
    registry.intercept = (request, response) => {
      if (request.method !== "GET" || !request.url?.includes("uploads")) return false;
      response.writeHead(404).end();
      return true;
    };
    await push();
    assertPushed();
    assert.ok(registry.receivedBytes > LARGE * 1.4);
  });

  it("gives up when an upload never gets further", async () => {
    registry.reset();
    registry.onPiece = () => false;
    registry.intercept = (request, response) => {
      if (request.method !== "GET" || !request.url?.includes("uploads")) return false;
      response.writeHead(404).end();
      return true;
    };
    await assertFails(push(), "Unavailable", /broke off/);
    assert.equal(uploadsOfLarge().length, IMPATIENT.retries + 1);
  });

  it("waits as long as the registry asks for", async () => {
    registry.reset();
    const refused = new Set<string>();
    registry.intercept = (request, response) => {
      const key = `${request.method} ${request.url?.replace(/\?.*/, "")}`;
      if (!/^(POST|PATCH|PUT)/.test(key) || refused.has(key)) return false;
      refused.add(key);
      response.writeHead(request.method === "POST" ? 429 : 503, { "retry-after": "0" }).end();
      return true;
    };
    await push({ patience: { ...IMPATIENT, retries: 4 } });
    assertPushed();
    assert.ok(refused.size >= 4);
  });

  it("sends parts where a proxy refuses the whole", async () => {
    registry.reset();
    registry.intercept = (request, response) => {
      const isWhole = request.method === "PATCH" && Number(request.headers["content-length"]) > 7e6;
      if (!isWhole || uploadsOfLarge().length > 1) return false;
      response.writeHead(413).end();
      return true;
    };
    await push();
    assertPushed();
  });

  it("asks for a token that allows to push, and for another when it is too old", async () => {
    registry.reset();
    const scopes: string[][] = [];
    const challenge = `Bearer realm="http://${registry.host}/token",service="s",scope="repository:app:pull"`;
    let isExpired = false;
    registry.intercept = (request, response) => {
      const url = new URL(request.url ?? "", "http://x");
      if (url.pathname === "/token") {
        scopes.push(url.searchParams.getAll("scope"));
        response.writeHead(200).end(JSON.stringify({ token: `t${scopes.length}` }));
        return true;
      }
      const isOld = request.method === "PATCH" && !isExpired;
      if (isOld) isExpired = true;
      const isKnown = /^Bearer t\d$/.test(request.headers.authorization ?? "");
      if (isKnown && !isOld) return false;
      response.writeHead(401, { "www-authenticate": challenge }).end();
      return true;
    };
    await push();
    assertPushed();
    assert.deepEqual(scopes, [["repository:app:pull,push"], ["repository:app:pull,push"]]);
  });

  it("knows a blob whose commit was answered by nobody", async () => {
    registry.reset();
    registry.intercept = (request, response) => {
      if (request.method !== "PUT" || !request.url?.includes("uploads")) return false;
      const write = response.writeHead.bind(response);
      response.writeHead = ((status: number) => {
        if (status === 201) response.destroy();
        return write(status);
      }) as typeof response.writeHead;
      return false;
    };
    await push();
    assertPushed();
  });

  it("says who refuses, and what would help", async () => {
    const cases: [number, StatusCode, RegExp][] = [
      [401, "Unauthenticated", /pushing needs credentials/],
      [403, "PermissionDenied", /do not allow to push/],
      [500, "Unavailable", /status 500/],
      [405, "Unknown", /status 405/],
    ];
    for (const [status, code, pattern] of cases) {
      registry.reset();
      registry.intercept = (request, response) => {
        if (request.method !== "POST") return false;
        response.writeHead(status).end();
        return true;
      };
      await assertFails(push(), code, pattern);
    }
    const nobody = push({ target: "127.0.0.1:3/app:1" });
    registry.reset();
    await assertFails(nobody, "Unavailable", /refused the connection/);
  });

  it("does not wait for a registry that takes nothing or never answers", async () => {
    registry.reset();
    registry.intercept = (request) => request.method === "PATCH";
    const patience = { ...IMPATIENT, retries: 0, answerTimeoutMs: 500, stallTimeoutMs: 500 };
    await assertFails(push({ patience }), "Unavailable", /took nothing for/);
  });

  it("ends at once when it is told to, and what is up by then need not go again", async () => {
    registry.reset();
    const controller = new AbortController();
    registry.onPiece = (uploadBytes) => {
      if (uploadBytes > LARGE / 2) controller.abort();
      return true;
    };
    await assertFails(push({ signal: controller.signal }), "Cancelled", /interrupted/);
    registry.onPiece = () => true;
    await push();
    assertPushed();
  });

  it("does not believe a registry that took other bytes for the manifest", async () => {
    registry.reset();
    registry.intercept = (request, response) => {
      if (request.method !== "PUT" || !request.url?.includes("manifests")) return false;
      response.writeHead(201, { "docker-content-digest": image.config.digest }).end();
      return true;
    };
    await assertFails(push(), "DataLoss", /manifest of "app:1"/);
  });
});
