import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { describe as describeError } from "../../../src/errors/describe.ts";
import { pullImage } from "../../../src/runtime/images/pull-image.ts";
import { removeImage } from "../../../src/runtime/images/remove-image.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { buildImage } from "../../support/image-builder.ts";
import { openTestEngine } from "../../support/open-test-engine.ts";
import { runOk } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

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
});
