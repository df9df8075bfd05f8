import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pushEndpoints } from "../../../src/containerd/registry-hosts.ts";
import { endpointUrl } from "../../../src/registry/registry-endpoint.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const VERIFIED = { caFiles: [], isUnverified: false, client: undefined };

describe("where containerd's files say that an image is pushed", () => {
  const cleanup = cleanupAfter();
  const write = async (name: string, files: Readonly<Record<string, string>>): Promise<string> => {
    const root = await temporaryDirectory(cleanup, "certs");
    await mkdir(join(root, name));
    for (const [file, text] of Object.entries(files)) await writeFile(join(root, name, file), text);
    return root;
  };
  const endpointsOf = async (text: string, registry = "a.test") =>
    await pushEndpoints(registry, [await write(registry, { "hosts.toml": text })]);

  it("is nothing of theirs where they do not name the registry", async () => {
    assert.equal(await pushEndpoints("a.test", ["/nonexistent"]), undefined);
    assert.equal(await pushEndpoints("a.test", [await write("b.test", {})]), undefined);
    assert.equal(await pushEndpoints("b.test", [await write("b.test", {})]), undefined);
  });

  it("is the directory of the registry, with its port in either spelling, else the default", async () => {
    const text = { "hosts.toml": 'server = "https://c.test"' };
    for (const name of ["a.test_5000_", "a.test:5000", "_default"]) {
      const endpoints = await pushEndpoints("a.test:5000", [
        "/nonexistent",
        await write(name, text),
      ]);
      assert.equal(endpoints?.[0]?.host, "c.test", name);
    }
  });

  it("is the server, with what stands above the tables", async () => {
    assert.deepEqual(await endpointsOf('server = "http://b.test:80/x/v2"\nskip_verify = true'), [
      {
        host: "b.test",
        baseUrl: "http://b.test/x",
        isRegistry: true,
        replacesVersion: false,
        trust: { ...VERIFIED, isUnverified: true },
      },
    ]);
  });

  it("is the registry itself where no server is named", async () => {
    const [endpoint, ...others] = (await endpointsOf('ca = "own.pem"')) ?? [];
    assert.deepEqual(others, []);
    assert.equal(endpoint?.baseUrl, "https://a.test");
    assert.equal(endpoint?.isRegistry, true);
    assert.match(endpoint?.trust?.caFiles[0] ?? "", /\/a\.test\/own\.pem$/);
    const loopback = await endpointsOf("", "127.0.0.1:5000");
    assert.deepEqual(
      loopback?.map(({ baseUrl }) => baseUrl),
      ["http://127.0.0.1:5000", "https://127.0.0.1:5000"],
    );
    assert.equal((await endpointsOf("", "docker.io"))?.[0]?.host, "registry-1.docker.io");
  });

  it("is the first host that may be pushed to, which credentials are not meant for", async () => {
    const endpoints = await endpointsOf(`
      server = "https://a.test"
      [host."https://mirror.test"]
        capabilities = ["pull", "resolve"]
      [host."inner.test:5000"]
        capabilities = ["pull", "push"]
        client = [["/c.pem", "/k.pem"]]
        ca = ["/1.pem", "/2.pem"]
      [host."http://last.test"]
    `);
    assert.deepEqual(endpoints, [
      {
        host: "inner.test:5000",
        baseUrl: "https://inner.test:5000",
        isRegistry: false,
        replacesVersion: false,
        trust: {
          caFiles: ["/1.pem", "/2.pem"],
          isUnverified: false,
          client: { certFile: "/c.pem", keyFile: "/k.pem" },
        },
      },
    ]);
    assert.equal((await endpointsOf('[host."http://a.test"]'))?.[0]?.isRegistry, true);
  });

  it("is a path in place of /v2 where that is said", async () => {
    const [endpoint] =
      (await endpointsOf('[host."https://h.test/proxy/x"]\noverride_path = true')) ?? [];
    assert.ok(endpoint);
    assert.equal(endpointUrl(endpoint, "/v2/app/blobs/").href, "https://h.test/proxy/x/app/blobs/");
    const [plain] = (await endpointsOf('[host."https://h.test/proxy/x"]')) ?? [];
    assert.ok(plain);
    assert.equal(endpointUrl(plain, "/v2/app/").href, "https://h.test/proxy/x/v2/app/");
  });

  it("is asked with the headers of its table, and of no other", async () => {
    const headersOf = async (text: string) => (await endpointsOf(text))?.[0]?.headers;
    const two = '[host."https://h.test"]\n[header]\nX-Server = "s"';
    assert.equal(await headersOf(two), undefined);
    assert.deepEqual(await headersOf('[header]\nX-Server = "s"'), { "x-server": "s" });
    const several = `
      [host."https://h.test"]
        capabilities = ["push"]
      [host."https://h.test".header]
        Authorization = "Basic bWU6c2VjcmV0"
        x-custom-1 = ["a", "ü"]
        Host = "other.test"
    `;
    assert.deepEqual(await headersOf(several), {
      authorization: "Basic bWU6c2VjcmV0",
      "x-custom-1": `a, ${Buffer.from("ü").toString("latin1")}`,
    });
  });

  it("is the registry with Docker's certificates where there is no hosts.toml", async () => {
    const root = await write("a.test", { "ca.crt": "", "me.cert": "", "me.key": "" });
    const [endpoint] = (await pushEndpoints("a.test", [root])) ?? [];
    assert.equal(endpoint?.baseUrl, "https://a.test");
    assert.deepEqual(endpoint?.trust, {
      caFiles: [join(root, "a.test/ca.crt")],
      client: { certFile: join(root, "a.test/me.cert"), keyFile: join(root, "a.test/me.key") },
    });
  });

  const malformed: readonly (readonly [text: string, message: RegExp])[] = [
    ["server = ", /hosts\.toml": /],
    ['capabilities = ["fly"]', /there is no capability "fly"/],
    ["ca = 5", /ca is neither/],
    ["client = [[1]]", /client is neither/],
    ['[host."http://"]', /"http:\/\/" is no address/],
    ["host.x = 1", /host "x" is no table/],
    ['capabilities = ["pull"]', /lets nothing be pushed to "a\.test"/],
    ["header = 5", /header is no table/],
    ["header.x = 5", /header "x" is neither a text nor a list of texts$/],
    ['header."x y" = "secret"', /"x y" is no name of a header$/],
    [
      'header.x = "secret\\nx-more: 1"',
      /header "x" has a line break or another control character$/,
    ],
  ];
  for (const [text, message] of malformed) {
    it(`is refused: ${text}`, async () => {
      await assert.rejects(endpointsOf(text), { code: "FailedPrecondition", message });
    });
  }
});
