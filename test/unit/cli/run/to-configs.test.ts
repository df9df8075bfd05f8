import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseMemory } from "../../../../src/cli/parse-memory.ts";
import {
  parseCpus,
  parsePublish,
  parseUser,
  parseVolume,
} from "../../../../src/cli/run/parse-run-values.ts";
import { toConfigs } from "../../../../src/cli/run/to-configs.ts";
import { NamespaceMode, Protocol } from "../../../../src/cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../../../src/errors/status-error.ts";

function configs(flags: Record<string, string | boolean | string[]>, image = "a/web:1.2") {
  return toConfigs({
    image,
    command: ["sh", "-c", "x"],
    flags,
    envFileLines: ["A=file"],
    env: { HOME: "/h" },
    cwd: "/work dir",
    podUid: "uid",
    logDirectory: (name) => `/logs/${name}`,
  });
}

describe("what run's flags mean", () => {
  it("names pod and container alike, from the image where nobody says", () => {
    const { pod, container } = configs({ name: "web" });
    assert.deepEqual(pod.metadata, { name: "web", namespace: "default", uid: "uid", attempt: 0 });
    assert.equal(container.metadata?.name, "web");
    assert.equal(pod.hostname, "web");
    assert.match(configs({}).container.metadata?.name ?? "", /^web-[0-9a-f]{6}$/);
    const longest = configs({}, `r/${"n".repeat(300)}:1`).container.metadata?.name ?? "";
    assert.match(longest, /^n{211}-[0-9a-f]{6}$/);
    const digest = configs({}, "r:5000/x@sha256:00").container.metadata?.name ?? "";
    assert.match(digest, /^x-[0-9a-f]{6}$/);
  });

  it("keeps the image's entrypoint and gives it the command", () => {
    const { container } = configs({});
    assert.deepEqual([container.command, container.args], [[], ["sh", "-c", "x"]]);
    assert.deepEqual(configs({ entrypoint: "/x" }).container.command, ["/x"]);
    assert.equal(container.image?.image, "a/web:1.2");
  });

  it("sets variables, the later ones last, and takes a bare name from here", () => {
    const { envs } = configs({ env: ["A=b=c", "HOME", "UNSET"] }).container;
    assert.deepEqual(
      envs.map(({ key, value }) => `${key}=${Buffer.from(value)}`),
      ["A=file", "A=b=c", "HOME=/h"],
    );
  });

  it("closes the container's stdin with ours only while attached", () => {
    assert.equal(configs({ interactive: true }).container.stdinOnce, true);
    assert.equal(configs({ interactive: true, detach: true }).container.stdinOnce, false);
  });

  it("shares the node's network, and refuses ports with it", () => {
    const { pod, container } = configs({ network: "host" });
    const network = pod.linux?.securityContext?.namespaceOptions?.network;
    assert.equal(network, NamespaceMode.NODE);
    assert.equal(container.linux?.securityContext?.namespaceOptions?.network, NamespaceMode.NODE);
    assert.equal(pod.hostname, "");
    assert.throws(() => configs({ network: "host", publish: ["80"] }), isUsageError);
  });

  it("confines a container unless it is privileged", () => {
    const confined = configs({}).container.linux?.securityContext;
    assert.ok((confined?.maskedPaths.length ?? 0) > 0 && confined?.seccomp !== undefined);
    const privileged = configs({ privileged: true }).container.linux?.securityContext;
    assert.deepEqual(
      [privileged?.privileged, privileged?.maskedPaths, privileged?.seccomp],
      [true, [], undefined],
    );
  });

  it("has a log where it was told to keep one", () => {
    const { pod, container } = configs({ name: "web" });
    assert.deepEqual([pod.logDirectory, container.logPath], ["/logs/web", "web.log"]);
  });

  it("reads volumes, ports, sizes and users as docker run writes them", () => {
    const volume = parseVolume("data:/d:ro", "/here");
    assert.deepEqual(
      [volume.hostPath, volume.containerPath, volume.readonly],
      ["/here/data", "/d", true],
    );
    assert.deepEqual(parsePublish("127.0.0.1:8080:80/udp"), {
      protocol: Protocol.UDP,
      containerPort: 80,
      hostPort: 8080,
      hostIp: "127.0.0.1",
    });
    assert.equal(parsePublish("80").hostPort, 80);
    assert.equal(parseMemory("256m"), 268_435_456n);
    assert.equal(parseMemory("1.5GiB"), 1_610_612_736n);
    assert.equal(parseMemory("512Mi"), 536_870_912n);
    assert.equal(parseCpus("1.5"), 150_000n);
    assert.deepEqual(parseUser("1000:5"), {
      runAsUser: { value: 1000n },
      runAsGroup: { value: 5n },
    });
    assert.deepEqual(parseUser("nobody"), { runAsUsername: "nobody" });
  });

  it("refuses what it cannot read, naming the flag", () => {
    const wrong: readonly (() => unknown)[] = [
      () => parseVolume("/only", "/"),
      () => parseVolume("/a:relative", "/"),
      () => parseVolume("/a:/b:rx", "/"),
      () => parsePublish("0:80"),
      () => parsePublish("80/icmp"),
      () => parsePublish("99999"),
      () => parseMemory("lots"),
      () => parseCpus("0"),
      () => parseUser("a:b"),
      () => configs({ env: ["=x"] }),
      () => configs({ label: ["x"] }),
      () => configs({ name: "a/b" }),
      () => configs({ name: "n".repeat(219) }),
    ];
    for (const attempt of wrong) assert.throws(attempt, isUsageError);
  });
});

function isUsageError(error: unknown): boolean {
  return error instanceof StatusError && error.code === "InvalidArgument";
}
