import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Client, credentials } from "@grpc/grpc-js";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { CLI_IMAGE, type ContainerdCliTarget, containerdCli } from "../../support/cli-target.ts";
import {
  type JsonObject,
  openProtobufJson,
  type ProtobufJson,
} from "../../support/protobuf-json.ts";
import { waitUntil } from "../../support/wait-until.ts";

/** Values that a careless writer of JSON, YAML or tables would change. */
const ODD = {
  "odd/quotes": `"double" 'single' \`back\` \\ backslash`,
  "odd/controls": "\u0000\u0001\t\r\n\u001b[31m\u007f\u0085\u009b",
  "odd/unicode": "ünï ✓ 𝄞 \u202eltr \u2028\u2029 \ufeff",
  "odd/html": "<script>&amp;</script>",
  "odd/empty": "",
  "odd/looks-like": "null",
  constructor: "__proto__",
};

describe("JSON of what a runtime answered is protobuf's own mapping of it", () => {
  const cleanup = cleanupAfter();
  let target: ContainerdCliTarget;
  let protobuf: ProtobufJson;
  let client: Client;

  before(async () => {
    target = await containerdCli(cleanup);
    protobuf = await openProtobufJson(target.directory);
    client = new Client(target.containerd.endpoint, credentials.createInsecure());
    await runPod(target);
  });
  after(() => client.close());

  /** The answer's bytes, mapped: neither by crish's client nor by its codecs. */
  const answer = async (
    service: string,
    method: string,
    request: Uint8Array,
  ): Promise<JsonObject> =>
    await protobuf.toJson(`${method}Response`, await call(client, service, method, request));
  const printed = async (...args: string[]): Promise<JsonObject> =>
    JSON.parse(await target.out([...args, "-o", "json"])) as JsonObject;

  it("ps", async () => {
    const { containers } = await printed("ps", "-a");
    const wire = await answer("RuntimeService", "ListContainers", NOTHING);
    assert.equal((containers as unknown[]).length, 3);
    assert.deepEqual(byId(containers), byId(wire.containers));
  });

  it("pods", async () => {
    const { items } = await printed("pods");
    assert.deepEqual(
      byId(items),
      byId((await answer("RuntimeService", "ListPodSandbox", NOTHING)).items),
    );
  });

  it("images", async () => {
    const { images } = await printed("images");
    assert.deepEqual(
      byId(images),
      byId((await answer("ImageService", "ListImages", NOTHING)).images),
    );
  });

  for (const name of ["odd", "made", "ended"]) {
    it(`inspect of ${name}, as crictl has it: times as text, null where two messages are unset`, async () => {
      const document = await printed("inspect", name);
      const { id } = document.status as { id: string };
      const wire = await answer("RuntimeService", "ContainerStatus", verbose(string(1, id)));
      const status = wire.status as JsonObject;
      for (const time of ["createdAt", "startedAt", "finishedAt"])
        status[time] = moment(status[time]);
      assert.deepEqual(document, withInfo({ user: null, resources: null, ...status }, wire.info));
    });
  }

  it("inspectp", async () => {
    const document = await printed("inspectp", "odd-pod");
    const { id } = document.status as { id: string };
    const wire = await answer("RuntimeService", "PodSandboxStatus", verbose(string(1, id)));
    const status = wire.status as JsonObject;
    assert.deepEqual(
      document,
      withInfo({ ...status, createdAt: moment(status.createdAt) }, wire.info),
    );
  });

  it("inspecti", async () => {
    const request = verbose(bytes(1, string(1, CLI_IMAGE)));
    const wire = await answer("ImageService", "ImageStatus", request);
    assert.deepEqual(
      await printed("inspecti", CLI_IMAGE),
      withInfo(wire.image as JsonObject, wire.info),
    );
  });

  it("stats, but for figures that went on", async () => {
    const wire = await answer("RuntimeService", "ListContainerStats", NOTHING);
    const { stats } = await printed("stats", "-a");
    assert.ok((stats as unknown[]).length > 0);
    assert.deepEqual(byId(stats, still), byId(wire.stats, still));
  });
});

/** A pod with a container that runs, one that was only made and one that has ended. */
async function runPod(target: ContainerdCliTarget): Promise<void> {
  const file = async (name: string, config: object): Promise<string> => {
    const path = join(target.directory, `${name}.json`);
    await writeFile(path, JSON.stringify(config));
    return path;
  };
  const pod = await file("pod", {
    metadata: { name: "odd-pod", namespace: "näme", uid: "u-1", attempt: 3 },
    log_directory: join(target.directory, "logs"),
    labels: ODD,
    annotations: { ...ODD, "": "no name" },
    linux: {},
  });
  const podId = await target.out(["runp", pod]);
  const container = async (name: string, command: string[], more: object = {}): Promise<void> => {
    const config = { metadata: { name }, image: { image: CLI_IMAGE }, command, ...more };
    await target.out(["create", podId, await file(name, config), pod]);
  };
  await container("odd", ["sleep", "1000"], {
    labels: ODD,
    annotations: ODD,
    mounts: [{ host_path: target.directory, container_path: "/mnt", readonly: true }],
    log_path: "odd.log",
  });
  await container("made", ["true"]);
  await container("ended", ["sh", "-c", "exit 3"]);
  await target.out(["start", "odd", "ended"]);
  await waitUntil(
    "it has ended",
    async () => (await target.out(["ps", "-a", "-q", "-s", "exited"])) !== "",
  );
  // What they have written is measured now and then.
  await waitUntil("there are figures of all", async () => {
    const figures = await target.out(["stats", "-a", "-o", "json"]);
    return figures.includes("workingSetBytes") && figures.split('"inodesUsed"').length === 1 + 3;
  });
}

const NOTHING = new Uint8Array();

function call(
  client: Client,
  service: string,
  method: string,
  request: Uint8Array,
): Promise<Buffer> {
  const path = `/runtime.v1.${service}/${method}`;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest<Uint8Array, Buffer>(
      path,
      (message) => Buffer.from(message),
      (message) => message,
      request,
      (error, message) => {
        if (message === undefined) reject(error ?? new Error(`${path}: no answer`));
        else resolve(message);
      },
    );
  });
}

/** Field n of a message, short enough for its length to be one byte. */
function bytes(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
}

function string(number: number, text: string): Uint8Array {
  return bytes(number, Buffer.from(text));
}

/** The request with field 2, `verbose`, set. */
function verbose(request: Uint8Array): Uint8Array {
  return Buffer.concat([request, Buffer.from([2 << 3, 1])]);
}

interface Identified extends JsonObject {
  readonly id?: string;
  readonly attributes?: { readonly id: string };
}

function byId(list: unknown, map: (item: JsonObject) => unknown = (item) => item): unknown {
  const items = list as readonly Identified[];
  return Object.fromEntries(items.map((item) => [item.id ?? item.attributes?.id, map(item)]));
}

/** Digits of figures blotted out, their kind and place kept. */
function still(value: unknown, key = ""): unknown {
  if (key === "attributes") return value;
  if (Array.isArray(value)) return value.map((each) => still(each));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, still(each, name)]),
    );
  }
  return typeof value === "string" ? value.replace(/^\d+$/, "digits") : value;
}

/** Nanoseconds since 1970 as Go writes a time. */
function moment(nanoseconds: unknown): string {
  const total = BigInt(nanoseconds as string);
  if (total === 0n) return "0001-01-01T00:00:00Z";
  const seconds = new Date(Number(total / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = (total % 1_000_000_000n).toString().padStart(9, "0").replace(/0+$/, "");
  return `${seconds}${fraction === "" ? "" : `.${fraction}`}Z`;
}

/** The document of an inspect verb; what the runtime says in JSON is read. */
function withInfo(status: JsonObject, info: unknown): JsonObject {
  const entries = Object.entries(info as Record<string, string>);
  const read = entries.map(([key, text]) => [key, text.startsWith("{") ? JSON.parse(text) : text]);
  return { ...Object.fromEntries(read), status };
}
