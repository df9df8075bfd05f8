import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  MountPropagation,
  NamespaceMode,
  SecurityProfile_ProfileType as ProfileType,
  Protocol,
  Signal,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { containerConfig } from "../../../src/manifest/container-config.ts";
import { qosClassOf } from "../../../src/manifest/container-resources.ts";
import type { ImageUser } from "../../../src/manifest/container-security.ts";
import { planMounts } from "../../../src/manifest/plan-mounts.ts";
import { type PodPlan, planPod } from "../../../src/manifest/plan-pod.ts";
import { type Manifests, readManifests } from "../../../src/manifest/read-manifests.ts";
import { sandboxConfig } from "../../../src/manifest/sandbox-config.ts";

const NODE = {
  nodeName: "node-1",
  hostIp: "192.0.2.1",
  memoryBytes: 1024n ** 3n,
  cpus: 4,
  dns: { servers: ["192.0.2.53"], searches: ["example.org"], options: ["ndots:1", "rotate"] },
};

interface Planned extends PodPlan {
  readonly data: Manifests["data"];
}

async function plan(
  spec: object,
  { metadata = {}, others = [] }: { metadata?: object; others?: readonly object[] } = {},
): Promise<Planned> {
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", ...metadata }, spec };
  const texts = [pod, ...others].map((object) => ({ text: JSON.stringify(object), file: "f" }));
  const { pods, data } = await readManifests(texts, { namespace: undefined });
  const [read] = pods;
  assert.ok(read);
  return { ...planPod(read, { sources: data, node: NODE }), data };
}

function sandbox({ facts }: Planned) {
  return sandboxConfig(facts, "/var/log/pods/x");
}

const ROOT: ImageUser = { uid: undefined, username: "" };

function config(planned: Planned, imageUser = ROOT, index = 0) {
  const { facts, data } = planned;
  const { spec } = facts.manifest;
  const container = [...spec.containers, ...(spec.initContainers ?? [])][index];
  assert.ok(container);
  const pod = { ...facts, podIps: ["10.0.0.2"] };
  return containerConfig({ container, pod, sources: data, attempt: 0, mounts: [], imageUser });
}

function envOf(planned: Planned): Record<string, string> {
  return Object.fromEntries(config(planned).envs.map(({ key, value }) => [key, String(value)]));
}

const one = (fields: object = {}) => ({ containers: [{ name: "c", image: "i:1", ...fields }] });
const DATA = [
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "m" },
    data: { a: "1", b: "2" },
    binaryData: { raw: "AP8=" },
  },
  {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s" },
    data: { k: "b2xk" },
    stringData: { k: "new" },
  },
];

describe("a pod's sandbox", () => {
  it("bears names, labels and the manifest", async () => {
    const pod = sandbox(await plan(one(), { metadata: { uid: "u-1", labels: { app: "x" } } }));
    assert.deepEqual(pod.metadata, { name: "p", namespace: "default", uid: "u-1", attempt: 0 });
    assert.equal(pod.labels["io.kubernetes.pod.uid"], "u-1");
    assert.equal(pod.labels.app, "x");
    assert.equal(JSON.parse(pod.annotations["crish.io/manifest"] ?? "").metadata.name, "p");
    assert.equal(pod.hostname, "p");
    assert.equal(pod.dnsConfig, undefined);
  });

  it("has the node's namespaces where it asks for them, and then no ports and no host name", async () => {
    const ports = [{ containerPort: 80, hostPort: 80 }];
    const { hostname, portMappings, linux } = sandbox(
      await plan({ ...one({ ports }), hostNetwork: true, hostPID: true, hostIPC: true }),
    );
    const { NODE: node } = NamespaceMode;
    const { network, pid, ipc } = linux?.securityContext?.namespaceOptions ?? {};
    assert.deepEqual([hostname, portMappings, network, pid, ipc], ["", [], node, node, node]);
  });

  it("maps the ports that have one of the node, and shares processes where told to", async () => {
    const ports = [
      { containerPort: 80 },
      { containerPort: 53, hostPort: 5353, protocol: "UDP", hostIP: "127.0.0.1" },
    ];
    const { portMappings, linux } = sandbox(
      await plan({ ...one({ ports }), shareProcessNamespace: true }),
    );
    assert.deepEqual(portMappings, [
      { containerPort: 53, hostPort: 5353, hostIp: "127.0.0.1", protocol: Protocol.UDP },
    ]);
    assert.equal(linux?.securityContext?.namespaceOptions?.pid, NamespaceMode.POD);
  });

  it("adds its name servers to the node's, or has them alone", async () => {
    const dnsConfig = { nameservers: ["1.1.1.1"], options: [{ name: "ndots", value: "5" }] };
    assert.deepEqual(sandbox(await plan({ ...one(), dnsConfig })).dnsConfig, {
      servers: ["192.0.2.53", "1.1.1.1"],
      searches: ["example.org"],
      options: ["rotate", "ndots:5"],
    });
    assert.deepEqual(sandbox(await plan({ ...one(), dnsConfig, dnsPolicy: "None" })).dnsConfig, {
      servers: ["1.1.1.1"],
      searches: [],
      options: ["ndots:5"],
    });
  });
});

describe("a container's variables", () => {
  it("come from envFrom, then env, which may refer to what is before it", async () => {
    const env = [
      { name: "PRE_b", value: "own" },
      { name: "SUM", value: "$(PRE_a)+$(PRE_b)+$(LATER)+$$(PRE_a)" },
      { name: "LATER", value: "x" },
      { name: "KEY", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
      { name: "NONE", valueFrom: { configMapKeyRef: { name: "no", key: "k", optional: true } } },
      { name: "EMPTY" },
    ];
    const envFrom = [{ prefix: "PRE_", configMapRef: { name: "m" } }];
    assert.deepEqual(envOf(await plan(one({ env, envFrom }), { others: DATA })), {
      PRE_a: "1",
      PRE_b: "own",
      SUM: "1+own+$(LATER)+$(PRE_a)",
      LATER: "x",
      KEY: "new",
      EMPTY: "",
    });
  });

  it("are never what is binary in a ConfigMap", async () => {
    const ref = (optional: boolean) => ({
      name: "RAW",
      valueFrom: { configMapKeyRef: { name: "m", key: "raw", optional } },
    });
    const optional = await plan(one({ env: [ref(true)] }), { others: DATA });
    assert.deepEqual(envOf(optional), {});
    await assert.rejects(plan(one({ env: [ref(false)] }), { others: DATA }), {
      message: /^variable "RAW" .* key "raw" of the ConfigMap "m", which is binary$/,
      hint: "what is below binaryData can be a file of a volume",
    });
  });

  it("tell of the pod, the node and the limits", async () => {
    const field = (name: string, fieldPath: string) => ({
      name,
      valueFrom: { fieldRef: { fieldPath } },
    });
    const resource = (name: string, ref: object) => ({
      name,
      valueFrom: { resourceFieldRef: ref },
    });
    const env = [
      field("NAME", "metadata.name"),
      field("LABEL", "metadata.labels['app.kubernetes.io/name']"),
      field("IP", "status.podIP"),
      field("NODE", "spec.nodeName"),
      resource("CPU", { resource: "limits.cpu" }),
      resource("MILLI", { resource: "requests.cpu", divisor: "1m" }),
      resource("MEMORY", { resource: "limits.memory", divisor: "1Mi" }),
    ];
    const resources = { limits: { cpu: "1500m" } };
    const metadata = { labels: { "app.kubernetes.io/name": "x" } };
    assert.deepEqual(envOf(await plan(one({ env, resources }), { metadata })), {
      NAME: "p",
      LABEL: "x",
      IP: "10.0.0.2",
      NODE: "node-1",
      CPU: "2",
      MILLI: "1500",
      MEMORY: "1024",
    });
  });

  it("are expanded in command and args", async () => {
    const env = [{ name: "A", value: "b" }];
    const { command, args } = config(
      await plan(one({ env, command: ["$(A)", "$A"], args: ["$(NO)"] })),
    );
    assert.deepEqual([...command, ...args], ["b", "$A", "$(NO)"]);
  });
});

describe("a container's limits", () => {
  it("are what a kubelet computes", async () => {
    const resources = {
      requests: { cpu: "250m", memory: "256Mi" },
      limits: { cpu: "1", memory: "512Mi", "hugepages-2Mi": "4Mi" },
    };
    const limits = config(await plan(one({ resources }))).linux?.resources;
    assert.deepEqual(
      [limits?.cpuShares, limits?.cpuQuota, limits?.cpuPeriod, limits?.memoryLimitInBytes],
      [256n, 100_000n, 100_000n, 512n * 1024n ** 2n],
    );
    assert.equal(limits?.oomScoreAdj, 750n);
    assert.deepEqual(limits?.hugepageLimits, [{ pageSize: "2MB", limit: 4n * 1024n ** 2n }]);
  });

  it("follow the pod's class", async () => {
    const both = { cpu: "1", memory: "1Gi" };
    const classOf = async (spec: object) => {
      const planned = await plan(spec);
      const score = config(planned).linux?.resources?.oomScoreAdj;
      return [qosClassOf(planned.facts.manifest.spec), score];
    };
    assert.deepEqual(await classOf(one({ resources: { limits: both } })), ["Guaranteed", -997n]);
    assert.deepEqual(await classOf(one()), ["BestEffort", 1000n]);
    assert.deepEqual(await classOf(one({ resources: { requests: { cpu: "1" } } })), [
      "Burstable",
      999n,
    ]);
    assert.deepEqual(await classOf(one({ resources: { requests: { memory: "2Gi" } } })), [
      "Burstable",
      3n,
    ]);
  });
});

describe("a container's security", () => {
  it("is the container's over the pod's", async () => {
    const securityContext = { runAsUser: 1, runAsGroup: 2, fsGroup: 3, supplementalGroups: [4] };
    const own = {
      runAsUser: 5,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { add: ["CAP_NET_ADMIN"], drop: ["all"] },
      seccompProfile: { type: "Localhost", localhostProfile: "a.json" },
    };
    const planned = await plan({ ...one({ securityContext: own }), securityContext });
    const security = config(planned).linux?.securityContext;
    assert.deepEqual(security?.runAsUser, { value: 5n });
    assert.deepEqual(security?.runAsGroup, { value: 2n });
    assert.deepEqual(security?.supplementalGroups, [3n, 4n]);
    assert.deepEqual(security?.capabilities?.addCapabilities, ["NET_ADMIN"]);
    assert.deepEqual(security?.capabilities?.dropCapabilities, ["ALL"]);
    assert.deepEqual([security?.readonlyRootfs, security?.noNewPrivs], [true, true]);
    assert.equal(security?.seccomp?.localhostRef, "/var/lib/kubelet/seccomp/a.json");
  });

  it("is the runtime's profile where nothing is said, and none with privileges", async () => {
    const plain = config(await plan(one())).linux?.securityContext;
    assert.equal(plain?.seccomp?.profileType, ProfileType.RuntimeDefault);
    assert.ok((plain?.maskedPaths.length ?? 0) > 0);
    const all = config(await plan(one({ securityContext: { privileged: true } })));
    const privileged = all.linux?.securityContext;
    assert.deepEqual([privileged?.seccomp, privileged?.maskedPaths], [undefined, []]);
  });

  it("names the image's user where only a group is asked for", async () => {
    const planned = await plan(one({ securityContext: { runAsGroup: 7 } }));
    const byName = config(planned, { uid: undefined, username: "app" }).linux?.securityContext;
    assert.deepEqual([byName?.runAsUsername, byName?.runAsGroup], ["app", { value: 7n }]);
    assert.deepEqual(config(planned, { uid: 9n, username: "" }).linux?.securityContext?.runAsUser, {
      value: 9n,
    });
  });

  const nonRoot: readonly (readonly [ImageUser, number | undefined, RegExp | undefined])[] = [
    [ROOT, undefined, /its image runs as root/],
    [{ uid: 0n, username: "" }, undefined, /its image runs as root/],
    [{ uid: undefined, username: "app" }, undefined, /"app" is a name/],
    [{ uid: 5n, username: "" }, undefined, undefined],
    [ROOT, 5, undefined],
  ];
  for (const [image, runAsUser, message] of nonRoot) {
    const who = `${image.uid ?? (image.username || "nobody named")}, ${runAsUser ?? "none"}`;
    it(`keeps runAsNonRoot (image's user, runAsUser: ${who})`, async () => {
      const securityContext = { runAsNonRoot: true, ...(runAsUser ? { runAsUser } : {}) };
      const planned = await plan(one({ securityContext }));
      if (message === undefined) config(planned, image);
      else assert.throws(() => config(planned, image), message);
    });
  }

  it("refuses root by number before anything is pulled", async () => {
    const securityContext = { runAsNonRoot: true, runAsUser: 0 };
    await assert.rejects(plan(one({ securityContext })), /runAsNonRoot, and runAsUser is 0/);
  });
});

describe("a container", () => {
  it("has kubelet's labels, log path and signal", async () => {
    const lifecycle = { stopSignal: "SIGUSR1" };
    const { labels, logPath, stopSignal } = config(await plan(one({ lifecycle })));
    assert.equal(labels["io.kubernetes.container.name"], "c");
    assert.deepEqual([logPath, stopSignal], ["c/0.log", Signal.SIGUSR1]);
    await assert.rejects(plan(one({ lifecycle: { stopSignal: "USR9" } })), /unknown signal "USR9"/);
  });

  it("mounts below a volume by a path with variables in it", async () => {
    const volumeMounts = [
      { name: "v", mountPath: "/a", subPathExpr: "$(A)/x", mountPropagation: "HostToContainer" },
    ];
    const volumes = [{ name: "v", emptyDir: {} }];
    const { facts } = await plan({
      ...one({ volumeMounts, env: [{ name: "A", value: "b" }] }),
      volumes,
    });
    const [container] = facts.manifest.spec.containers;
    assert.ok(container);
    const [mount] = planMounts(container, { A: "b" });
    assert.equal(mount?.subPath, "b/x");
    assert.equal(mount?.propagation, MountPropagation.PROPAGATION_HOST_TO_CONTAINER);
    assert.throws(() => planMounts(container, { A: ".." }), /does not lead into the volume/);
    assert.throws(() => planMounts(container, {}), /does not lead into the volume/);
  });
});

describe("a pod's volumes", () => {
  it("are planned with their files and modes", async () => {
    const items = [{ key: "a", path: "dir/a", mode: 0o600 }];
    const volumes = [
      { name: "dir", emptyDir: { sizeLimit: "1Gi" } },
      { name: "mem", emptyDir: { medium: "Memory", sizeLimit: "1Ki" } },
      { name: "host", hostPath: { path: "/etc", type: "Directory" } },
      { name: "map", configMap: { name: "m", items } },
      { name: "none", secret: { secretName: "no", optional: true } },
      {
        name: "all",
        projected: {
          defaultMode: 0o440,
          sources: [
            { secret: { name: "s" } },
            {
              downwardAPI: {
                items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }],
              },
            },
          ],
        },
      },
    ];
    const metadata = { labels: { b: '"', a: "1" } };
    const planned = await plan({ ...one(), volumes }, { metadata, others: DATA });
    const file = (path: string, mode: number, text: string) => ({
      path,
      mode,
      data: Buffer.from(text),
    });
    assert.deepEqual(planned.volumes, [
      { kind: "directory", name: "dir", memory: undefined },
      { kind: "directory", name: "mem", memory: { limitBytes: 1024n } },
      { kind: "host", name: "host", path: "/etc", type: "Directory" },
      { kind: "files", name: "map", isSecret: false, files: [file("dir/a", 0o600, "1")] },
      { kind: "files", name: "none", isSecret: true, files: [] },
      {
        kind: "files",
        name: "all",
        isSecret: true,
        files: [file("k", 0o440, "new"), file("labels", 0o440, 'a="1"\nb="\\""')],
      },
    ]);
    assert.deepEqual(planned.warnings, ['volume "dir": sizeLimit is not enforced on disk']);
  });

  const absent: readonly (readonly [string, object, RegExp])[] = [
    ["a ConfigMap", { configMap: { name: "no" } }, /volume "v" wants the ConfigMap "no"/],
    [
      "a key",
      { secret: { secretName: "s", items: [{ key: "x", path: "x" }] } },
      /wants the key "x" of the Secret "s"/,
    ],
    [
      "a pod's address in a file",
      { downwardAPI: { items: [{ path: "a", fieldRef: { fieldPath: "status.podIP" } }] } },
      /is for variables only/,
    ],
  ];
  const doubles: readonly (readonly [string, RegExp])[] = [
    ["f", /^volume "v" has the file "f" twice$/],
    ["./f", /^volume "v" has the file "\.\/f" twice$/],
    ["f/g", /^volume "v" has the file "f", and "f\/g" below it$/],
  ];
  for (const [path, message] of doubles) {
    it(`cannot have files at "f" and "${path}"`, async () => {
      const items = [
        { key: "a", path: "f" },
        { key: "b", path },
      ];
      const volumes = [{ name: "v", configMap: { name: "m", items } }];
      await assert.rejects(plan({ ...one(), volumes }, { others: DATA }), { message });
    });
  }

  for (const [what, source, message] of absent) {
    it(`want ${what} to be there`, async () => {
      const volumes = [{ name: "v", ...source }];
      await assert.rejects(plan({ ...one(), volumes }, { others: DATA }), message);
    });
  }
});
