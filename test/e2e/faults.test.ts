import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { access, chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { busyboxImage } from "../support/busybox-image.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { CLI_IMAGE, type EmbeddedCliTarget, embeddedCli } from "../support/cli-target.ts";
import { crishAsNobody } from "../support/crish-for-nobody.ts";
import { assertNothingLeaked, createEmbeddedRoot } from "../support/embedded-root.ts";
import { type RegistryFault, startFaultyRegistry } from "../support/faulty-registry.ts";
import { dockerArchive } from "../support/image-archive.ts";
import { buildImage } from "../support/image-builder.ts";
import { type RunResult, runOk } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

describe("faults of the node and of registries are told in a line and leave nothing", () => {
  const cleanup = cleanupAfter();
  let target: EmbeddedCliTarget;
  before(async () => {
    target = await embeddedCli(cleanup);
  });

  const missing: readonly { part: string; config: Record<string, unknown>; says: RegExp }[] = [
    { part: "runc", config: { handlers: { "": { path: "/no/runc" } } }, says: /runc/ },
    { part: "conmon", config: { conmon: "/no/conmon" }, says: /conmon/ },
    {
      part: "CNI plugin",
      config: { cniPluginDirs: ["/no/cni"] },
      says: /containernetworking-plugins/,
    },
  ];
  for (const { part, config, says } of missing) {
    it(`a missing ${part} is named, with the package that has it`, async () => {
      const lacking = await embeddedCli(cleanup, { config });
      const result = await lacking.crish(["run", "--name", "x", lacking.image, "true"]);
      assert.equal(result.status, 125, result.stderr);
      assertClear(result, says);
      assert.equal(await lacking.out(["pods", "-q"]), "");
      assert.equal(await lacking.out(["ps", "-a", "-q"]), "");
      await assertNothingLeaked(lacking.root);
    });
  }

  it("a shim that ends at once is told of in its own words", async () => {
    const conmon = join(await temporaryDirectory(cleanup, "conmon"), "conmon");
    await writeFile(
      conmon,
      "#!/bin/sh\nhead -c 1 <&4 >/dev/null\necho '[conmon:e]: not today' >&2\nexit 1\n",
    );
    await chmod(conmon, 0o755);
    const lacking = await embeddedCli(cleanup, { config: { conmon } });
    const result = await lacking.crish(["run", "--name", "x", lacking.image, "true"]);
    assert.equal(result.status, 125, result.stderr);
    assertClear(result, /the shim ended before it answered: not today/);
    await assertNothingLeaked(lacking.root);
  });

  const faults: readonly { fault: RegistryFault; status: number; says: RegExp }[] = [
    { fault: "silent", status: 3, says: /./ },
    { fault: "unauthorized", status: 1, says: /unauthorized|credentials|401|log in/i },
    { fault: "forbidden", status: 1, says: /denied|forbidden|403/i },
    { fault: "broken", status: 3, says: /500/ },
    { fault: "wrong-digest", status: 1, says: /digest/ },
    { fault: "truncated", status: 3, says: /broke off/ },
    { fault: "garbage-manifest", status: 1, says: /manifest/ },
  ];
  for (const { fault, status, says } of faults) {
    it(`a registry with the fault "${fault}"`, async () => {
      // content that the root does not have: what is there already is not asked for
      const image = buildImage({ layers: [[{ path: fault, data: randomBytes(200_000) }]] });
      const registry = await startFaultyRegistry(cleanup, image);
      const before = await target.out(["images", "-o", "json"]);
      const reference = registry.reference(fault);
      // Those that are tried again take their time.
      const limit = fault === "silent" ? "8s" : "45s";
      const result = await target.crish(["--timeout", limit, "pull", reference], {
        timeoutMs: 60_000,
      });
      assert.notEqual(result.status, 0, "it was pulled");
      assertClear(result, says);
      assert.equal(result.status, status, result.stderr);
      assert.equal(await target.out(["images", "-o", "json"]), before);
    });
  }

  for (const [kind, path] of [
    ["a name with ..", "../../../../../../../tmp/crish-escaped"],
    ["a link out of the root and a file behind it", "link/crish-escaped"],
  ] as const) {
    it(`an archive with ${kind} writes nothing outside`, async () => {
      const outside = join(target.directory, "outside");
      await mkdir(outside, { recursive: true });
      const image = buildImage({
        layers: [
          [
            { path: "link", type: "symlink", target: outside },
            { path, data: "escaped" },
          ],
        ],
      });
      const archive = join(target.directory, "hostile.tar");
      await writeFile(archive, dockerArchive(image, ["localhost/hostile:1"]));
      await target.crish(["load", archive]);
      await assert.rejects(access("/tmp/crish-escaped"));
      await assert.rejects(access(join(outside, "crish-escaped")));
    });
  }

  it("an archive that is cut off loads nothing", async () => {
    const whole = dockerArchive(busyboxImage(), ["localhost/cut:1"]);
    const archive = join(target.directory, "cut.tar");
    await writeFile(archive, whole.subarray(0, whole.length >> 1));
    const before = await target.out(["images", "-o", "json"]);
    const result = await target.crish(["load", archive]);
    assert.notEqual(result.status, 0);
    assertClear(result, /./);
    assert.equal(await target.out(["images", "-o", "json"]), before);
  });

  it("a full disk is told in a line, and the root goes on when there is room", async () => {
    const directory = await temporaryDirectory(cleanup, "full");
    await runOk("mount", ["-t", "tmpfs", "-o", "size=6m", "crish-test", directory]);
    const root = await createEmbeddedRoot(cleanup, { directory });
    const archive = join(target.directory, "busybox.tar");
    await writeFile(archive, dockerArchive(busyboxImage(), [CLI_IMAGE]));
    const filler = { path: "filler", data: Buffer.alloc(8 << 20, 1) };
    const large = join(target.directory, "large.tar");
    const image = buildImage({ layers: [[filler]], compress: "none" });
    await writeFile(large, dockerArchive(image, ["localhost/large:1"]));

    const result = await target.crish(["load", large], { env: root.env });
    assert.equal(result.status, 1, result.stderr);
    assertClear(result, /no space|disk is full|full/i);
    assert.equal(await target.out(["images", "-q"], { env: root.env }), "");
    await runOk("mount", ["-o", "remount,size=64m", directory]);
    await target.out(["load", archive], { env: root.env });
    assert.notEqual(await target.out(["images", "-q"], { env: root.env }), "");
  });

  it("a socket that permits nothing is told with a hint, and embedded is not tried", async () => {
    const { createServer } = await import("node:net");
    const directory = await temporaryDirectory(cleanup, "socket");
    const socket = join(directory, "cri.sock");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    cleanup.add("close the socket", () => void server.close());
    await chmod(socket, 0o600);
    const result = await crishAsNobody(cleanup, ["-r", `unix://${socket}`, "ps"]);
    assert.equal(result.status, 1, result.stderr);
    assertClear(result, /permission/);
    assert.match(result.stderr, /hint: .*root/);
  });

  it("the embedded runtime without root is told in a line", async () => {
    const result = await crishAsNobody(cleanup, ["-r", "embedded:", "ps"], {
      env: target.root.env,
    });
    assert.notEqual(result.status, 0);
    assertClear(result, /root/);
  });
});

/** A line, perhaps a hint, nothing on standard output, no stack. */
function assertClear({ stdout, stderr }: RunResult, says: RegExp): void {
  assert.equal(stdout, "");
  const lines = stderr.trimEnd().split("\n");
  assert.match(stderr, says);
  assert.ok(lines.length <= 2, `more than a line and a hint: ${stderr}`);
  if (lines[1] !== undefined) assert.match(lines[1], /^hint: /);
}
