import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { describe as describeError } from "../../../src/errors/describe.ts";
import { loadArchive } from "../../../src/runtime/images/load-archive.ts";
import { pullImage } from "../../../src/runtime/images/pull-image.ts";
import { pushStoredImage } from "../../../src/runtime/images/push-stored-image.ts";
import { removeImage } from "../../../src/runtime/images/remove-image.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { ociArchive } from "../../support/image-archive.ts";
import { buildImage } from "../../support/image-builder.ts";
import { openTestEngine } from "../../support/open-test-engine.ts";
import { runOk } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { startUploadRegistry } from "../../support/upload-registry.ts";

describe("a registry over https", async () => {
  const cleanup = cleanupAfter();
  const engine = await openTestEngine(cleanup);
  const directory = await temporaryDirectory(cleanup, "tls");
  const [keyFile, caFile] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  await runOk("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(" "),
    ...["-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1"],
    ...["-keyout", keyFile, "-out", caFile],
  ]);
  const image = buildImage({ layers: [[{ path: "file", data: "x".repeat(100_000) }]] });
  const blobs = [image.manifest, image.config, ...image.layers];
  const server = createServer(
    { key: await readFile(keyFile), cert: await readFile(caFile) },
    (request, response) => {
      const found = blobs.find((blob) => request.url?.endsWith(blob.digest)) ?? image.manifest;
      response.setHeader("content-type", found.mediaType);
      response.end(found.bytes);
    },
  );
  const uploads = await startUploadRegistry(cleanup);
  const gate = createServer(
    { key: await readFile(keyFile), cert: await readFile(caFile) },
    (incoming, response) => {
      const { method, url, headers } = incoming;
      const target = `http://${uploads.host}${url}`;
      const outgoing = request(target, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, {
          ...answer.headers,
          // As a registry does that does not know of the TLS before it.
          ...(answer.headers.location && {
            location: `http://${headers.host}${answer.headers.location}`,
          }),
        });
        answer.pipe(response);
      });
      incoming.pipe(outgoing);
    },
  );
  await new Promise<void>((resolve) => gate.listen(0, "127.0.0.1", resolve));
  cleanup.add("close the gate", () => {
    gate.closeAllConnections();
    gate.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.add("close the server", () => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  it("is refused while nobody vouches for its certificate", async () => {
    await assert.rejects(pullImage(engine, { reference: `${host}/app` }), (error) => {
      const { message, hint } = describeError(error);
      assert.match(message, /the certificate of the registry "127\.0\.0\.1:\d+" is not trusted/);
      assert.match(hint ?? "", /caFile/);
      return true;
    });
  });

  it("is trusted by the authority that the configuration names", async () => {
    const registries = { [host]: { mirrors: [], insecure: false, caFile } };
    const trusting = { ...engine, config: { ...engine.config, registries } };
    const { id } = await pullImage(trusting, { reference: `${host}/app` });
    assert.equal(id, image.config.digest);
    await removeImage(engine, id);
  });

  it("takes a push, also where it gives its own address without TLS", async () => {
    const gateHost = `127.0.0.1:${(gate.address() as AddressInfo).port}`;
    const registries = { [gateHost]: { mirrors: [], insecure: false, caFile } };
    const trusting = { ...engine, config: { ...engine.config, registries } };
    const large = buildImage({ layers: [[{ path: "large", data: randomBytes(3_000_000) }]] });
    await loadArchive(trusting, Readable.from([ociArchive(large, "docker.io/library/large:1")]));
    const push = (by: typeof engine) =>
      pushStoredImage(by, { reference: "large:1", target: `${gateHost}/large:1` });
    await assert.rejects(push(engine), /is not trusted/);
    assert.equal((await push(trusting)).digest, large.manifest.digest);
    assert.deepEqual(uploads.manifests.get("1"), large.manifest.bytes);
  });
});
