import {
  type ContainerConfig,
  NamespaceMode,
  type PodSandboxConfig,
  Protocol,
} from "../cri/gen/runtime/v1/api.ts";
import { containerFromConfig, defined, some } from "./container-from-config.ts";
import { volumesFromMounts } from "./volumes-from-mounts.ts";

export interface PodConfigs {
  readonly sandbox: PodSandboxConfig;
  readonly runtimeHandler: string;
  /** Those that had ended before the others were made, in their order. */
  readonly initContainers: readonly ContainerConfig[];
  readonly containers: readonly ContainerConfig[];
}

export interface GeneratedPod {
  readonly manifest: object;
  /** What the manifest cannot say, one line each. */
  readonly notes: readonly string[];
}

/**
 * The manifest of a pod that was not made from one here: what apply makes of it is the same to its
 * containers. What only its maker knows (probes, restartPolicy, where variables came from) is not in
 * it.
 */
export function podFromConfigs(configs: PodConfigs): GeneratedPod {
  const { sandbox, runtimeHandler } = configs;
  const { metadata, hostname, dnsConfig, linux } = sandbox;
  const options = linux?.securityContext?.namespaceOptions;
  const { NODE, POD } = NamespaceMode;
  const isHost = options?.network === NODE;
  const volumes = volumesFromMounts();
  const initContainers = configs.initContainers.map((each) => containerFromConfig(each, volumes));
  const containers = configs.containers.map((each) => containerFromConfig(each, volumes));
  const all = [...configs.initContainers, ...configs.containers];
  const manifest = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: defined({
      name: objectName(metadata?.name ?? ""),
      namespace: objectName(metadata?.namespace ?? ""),
      labels: ownEntries(sandbox.labels),
      annotations: ownEntries(sandbox.annotations),
    }),
    spec: defined({
      hostname: isHost || hostname === metadata?.name ? undefined : hostname || undefined,
      hostNetwork: isHost || undefined,
      hostPID: options?.pid === NODE || undefined,
      hostIPC: options?.ipc === NODE || undefined,
      shareProcessNamespace: options?.pid === POD || undefined,
      runtimeClassName: runtimeHandler || undefined,
      terminationGracePeriodSeconds: graceOf(all),
      ...(dnsConfig === undefined || dnsConfig.servers.length === 0 ? {} : dnsOf(dnsConfig)),
      securityContext: securityOf(sandbox, all),
      initContainers: some(initContainers),
      containers: withPorts(containers, sandbox),
      volumes: some(volumes.list()),
    }),
  };
  return { manifest, notes: volumes.notes() };
}

/** CRI allows names that Kubernetes does not. */
function objectName(name: string): string {
  const clean = name.toLowerCase().replaceAll(/[^-.a-z0-9]+/g, "-");
  return clean.replace(/^[-.]+|[-.]+$/g, "") || "pod";
}

/** Without those that kubelets and apply write by themselves. */
function ownEntries(values: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const own = Object.entries(values).filter(
    ([key]) => !/^(?:io\.kubernetes\.(?:pod|container)\.|kubernetes\.io\/config\.)/.test(key),
  );
  return own.length === 0 ? undefined : Object.fromEntries(own);
}

function graceOf(containers: readonly ContainerConfig[]): number | undefined {
  const text = containers[0]?.annotations["io.kubernetes.pod.terminationGracePeriod"];
  return text !== undefined && /^\d+$/.test(text) && text !== "30" ? Number(text) : undefined;
}

function dnsOf({ servers, searches, options }: NonNullable<PodSandboxConfig["dnsConfig"]>) {
  return {
    dnsPolicy: "None",
    dnsConfig: defined({
      nameservers: servers,
      searches: some(searches),
      options: some(
        options.map((option) => {
          const colon = option.indexOf(":");
          if (colon === -1) return { name: option };
          return { name: option.slice(0, colon), value: option.slice(colon + 1) };
        }),
      ),
    }),
  };
}

function securityOf(
  sandbox: PodSandboxConfig,
  containers: readonly ContainerConfig[],
): object | undefined {
  const sysctls = Object.entries(sandbox.linux?.sysctls ?? {});
  const groups = containers[0]?.linux?.securityContext?.supplementalGroups ?? [];
  const context = defined({
    sysctls: some(sysctls.map(([name, value]) => ({ name, value }))),
    supplementalGroups: some(groups.map(Number)),
  });
  return Object.keys(context).length === 0 ? undefined : context;
}

/** The pod's ports, where no container says that they are its own, are the first one's. */
function withPorts(containers: readonly object[], { portMappings }: PodSandboxConfig) {
  const [first, ...rest] = containers;
  if (first === undefined || containers.some((container) => "ports" in container))
    return containers;
  const ports = portMappings.flatMap(({ containerPort, hostPort, hostIp, protocol }) => {
    if (containerPort === 0) return [];
    const name = Object.entries(Protocol).find(([, number]) => number === protocol)?.[0];
    return [
      defined({
        containerPort,
        hostPort: hostPort || undefined,
        hostIP: hostIp || undefined,
        protocol: name === "TCP" ? undefined : name,
      }),
    ];
  });
  return ports.length === 0 ? containers : [{ ...first, ports }, ...rest];
}
