import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  ContainerConfig,
  LinuxContainerConfig,
  LinuxContainerResources,
  LinuxContainerSecurityContext,
  Mount,
  NamespaceMode,
  NamespaceOption,
  PodSandboxConfig,
  SecurityProfile_ProfileType as ProfileType,
  SecurityProfile,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { containerConfig } from "../../../src/manifest/container-config.ts";
import { dataManifest } from "../../../src/manifest/data-manifest.ts";
import { planPod } from "../../../src/manifest/plan-pod.ts";
import { podFromConfigs } from "../../../src/manifest/pod-from-configs.ts";
import { readManifests } from "../../../src/manifest/read-manifests.ts";

const NODE = {
  nodeName: "n",
  hostIp: "192.0.2.1",
  memoryBytes: 1024n ** 3n,
  cpus: 1,
  dns: { servers: [], searches: [], options: [] },
};
const KUBELET = "/var/lib/kubelet/pods/8d7c/volumes/kubernetes.io~";

const SANDBOX = createMessage(PodSandboxConfig, {
  metadata: { name: "web", namespace: "apps", uid: "8d7c", attempt: 0 },
  hostname: "web",
  labels: { app: "web", "io.kubernetes.pod.name": "web" },
  annotations: { team: "x", "kubernetes.io/config.source": "api" },
  portMappings: [{ protocol: 1, containerPort: 53, hostPort: 5353, hostIp: "" }],
});

function mount(hostPath: string, containerPath: string, fields: Partial<Mount> = {}): Mount {
  return createMessage(Mount, { hostPath, containerPath, ...fields });
}

const CONTAINER = createMessage(ContainerConfig, {
  metadata: { name: "app", attempt: 3 },
  image: { ...createMessage(ContainerConfig).image, ...imageOf("sha256:4f", "nginx:1") },
  command: ["run", "$(HOME)"],
  envs: [{ key: "A", value: Buffer.from("cost: $$5 $HOME") }],
  annotations: {
    "io.kubernetes.container.terminationMessagePath": "/dev/termination-log",
    "io.kubernetes.pod.terminationGracePeriod": "5",
  },
  mounts: [
    mount(`${KUBELET}empty-dir/cache`, "/cache"),
    mount(`${KUBELET}empty-dir/cache/sub/dir`, "/sub", { readonly: true }),
    mount(`${KUBELET}configmap/settings`, "/etc/app", { readonly: true }),
    mount("/data", "/data", { propagation: 1 }),
    mount("/var/lib/kubelet/pods/8d7c/etc-hosts", "/etc/hosts"),
    mount("/var/lib/kubelet/pods/8d7c/containers/app/1", "/dev/termination-log"),
    mount(`${KUBELET}projected/kube-api-access-x`, "/var/run/secrets/kubernetes.io/serviceaccount"),
  ],
  linux: createMessage(LinuxContainerConfig, {
    resources: createMessage(LinuxContainerResources, {
      cpuShares: 256n,
      cpuPeriod: 100_000n,
      cpuQuota: 50_000n,
      memoryLimitInBytes: 64n * 1024n ** 2n,
    }),
    securityContext: createMessage(LinuxContainerSecurityContext, {
      runAsUser: { value: 7n },
      readonlyRootfs: true,
      noNewPrivs: true,
      maskedPaths: ["/proc/kcore"],
      seccomp: createMessage(SecurityProfile, { profileType: ProfileType.Unconfined }),
      namespaceOptions: createMessage(NamespaceOption, { pid: NamespaceMode.CONTAINER }),
    }),
  }),
});

function imageOf(image: string, userSpecifiedImage: string) {
  return { image, userSpecifiedImage, annotations: {}, runtimeHandler: "", imageRef: "" };
}

function generated() {
  return podFromConfigs({
    sandbox: SANDBOX,
    runtimeHandler: "kata",
    initContainers: [],
    containers: [CONTAINER],
  });
}

describe("a manifest from configurations", () => {
  it("says what they say, without what a kubelet adds", () => {
    const { manifest, notes } = generated();
    assert.deepEqual(manifest, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "web",
        namespace: "apps",
        labels: { app: "web" },
        annotations: { team: "x" },
      },
      spec: {
        runtimeClassName: "kata",
        terminationGracePeriodSeconds: 5,
        containers: [
          {
            name: "app",
            image: "nginx:1",
            imagePullPolicy: "IfNotPresent",
            command: ["run", "$$(HOME)"],
            env: [{ name: "A", value: "cost: $$$5 $HOME" }],
            resources: { limits: { cpu: "500m", memory: "64Mi" }, requests: { cpu: "250m" } },
            volumeMounts: [
              { name: "cache", mountPath: "/cache" },
              { name: "cache", mountPath: "/sub", subPath: "sub/dir", readOnly: true },
              { name: "settings", mountPath: "/etc/app", readOnly: true },
              { name: "data", mountPath: "/data", mountPropagation: "HostToContainer" },
            ],
            securityContext: {
              runAsUser: 7,
              readOnlyRootFilesystem: true,
              allowPrivilegeEscalation: false,
              seccompProfile: { type: "Unconfined" },
            },
            ports: [{ containerPort: 53, hostPort: 5353, protocol: "UDP" }],
          },
        ],
        volumes: [
          { name: "cache", emptyDir: {} },
          { name: "settings", hostPath: { path: `${KUBELET}configmap/settings` } },
          { name: "data", hostPath: { path: "/data" } },
        ],
      },
    });
    assert.deepEqual(notes, [
      'volume "settings" is a configmap of the kubelet: its files go with that pod',
    ]);
  });

  it("is read again as the same container", async () => {
    const text = JSON.stringify(generated().manifest);
    const { pods, data } = await readManifests([{ text, file: "f" }], { namespace: undefined });
    const [read] = pods;
    assert.ok(read);
    const { facts, warnings } = planPod(read, { sources: data, node: NODE });
    assert.deepEqual(warnings, []);
    const [container] = facts.manifest.spec.containers;
    assert.ok(container);
    const shared = { container, pod: facts, sources: data, attempt: 0, mounts: [] };
    const config = containerConfig({ ...shared, imageUser: undefined });
    assert.deepEqual(config.command, CONTAINER.command);
    assert.equal(String(config.envs[0]?.value), String(CONTAINER.envs[0]?.value));
    const { resources } = config.linux ?? {};
    assert.deepEqual(
      [resources?.cpuShares, resources?.cpuQuota, resources?.memoryLimitInBytes],
      [256n, 50_000n, 64n * 1024n ** 2n],
    );
  });

  it("has the node's namespaces, and no host name then", () => {
    const { NODE: node, POD } = NamespaceMode;
    const linux = {
      ...createMessage(PodSandboxConfig).linux,
      cgroupParent: "",
      sysctls: { "net.core.somaxconn": "9" },
      overhead: undefined,
      resources: undefined,
      securityContext: {
        ...createMessage(LinuxContainerSecurityContext),
        namespaceOptions: createMessage(NamespaceOption, { network: node, pid: node, ipc: POD }),
      },
    } as unknown as NonNullable<PodSandboxConfig["linux"]>;
    const { manifest } = podFromConfigs({
      sandbox: { ...SANDBOX, hostname: "node", portMappings: [], linux },
      runtimeHandler: "",
      initContainers: [CONTAINER],
      containers: [],
    });
    const { spec } = manifest as { spec: Record<string, unknown> };
    assert.deepEqual(
      [spec.hostNetwork, spec.hostPID, spec.hostIPC, spec.hostname, spec.runtimeClassName],
      [true, true, undefined, undefined, undefined],
    );
    assert.deepEqual(spec.securityContext, {
      sysctls: [{ name: "net.core.somaxconn", value: "9" }],
    });
  });
});

describe("data that was kept", () => {
  it("is written as text where it is text, and a Secret's in base64", () => {
    const values = { a: "YQ==", raw: "/w==", nul: "AA==" };
    const kept = { kind: "ConfigMap", name: "m", values, binaryKeys: ["nul"] } as const;
    assert.deepEqual(dataManifest(kept, "n"), {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "m", namespace: "n" },
      data: { a: "a" },
      binaryData: { raw: "/w==", nul: "AA==" },
    });
    assert.deepEqual(dataManifest({ kind: "Secret", name: "s", type: "t", values }, "n"), {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", namespace: "n" },
      type: "t",
      data: values,
    });
  });
});
