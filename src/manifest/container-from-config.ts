import {
  type ContainerConfig,
  type LinuxContainerResources,
  type LinuxContainerSecurityContext,
  MountPropagation,
  SecurityProfile_ProfileType as ProfileType,
  type SecurityProfile,
  Signal,
} from "../cri/gen/runtime/v1/api.ts";
import { DEFAULT_MESSAGE_PATH } from "./container-config.ts";
import type { VolumesFromMounts } from "./volumes-from-mounts.ts";

/** A container as a manifest has it. What cannot be told from its configuration is left out. */
export function containerFromConfig(config: ContainerConfig, volumes: VolumesFromMounts): object {
  const { command, args, workingDir, annotations, linux } = config;
  const { [PORTS]: ports, [MESSAGE_PATH]: messagePath = DEFAULT_MESSAGE_PATH } = annotations;
  return defined({
    name: config.metadata?.name,
    image: config.image?.userSpecifiedImage || config.image?.image,
    imagePullPolicy: "IfNotPresent",
    command: some(command.map(literal)),
    args: some(args.map(literal)),
    workingDir: workingDir || undefined,
    ports: ports === undefined ? undefined : parsePorts(ports),
    env: some(
      config.envs.map(({ key, value }) => ({
        name: key,
        value: literal(Buffer.from(value).toString("utf8")),
      })),
    ),
    resources: resourcesOf(linux?.resources),
    volumeMounts: some(mountsOf(config, volumes, messagePath)),
    securityContext: securityOf(linux?.securityContext),
    lifecycle: lifecycleOf(config),
    terminationMessagePath: messagePath === DEFAULT_MESSAGE_PATH ? undefined : messagePath,
    stdin: config.stdin || undefined,
    stdinOnce: config.stdinOnce || undefined,
    tty: config.tty || undefined,
  });
}

const PORTS = "io.kubernetes.container.ports";
const MESSAGE_PATH = "io.kubernetes.container.terminationMessagePath";

/** Without what is undefined; undefined where nothing is left and nothing was asked to stay. */
export function defined(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

export function some<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values;
}

/** A text that stays as it is where `$(NAME)` is expanded. */
function literal(text: string): string {
  return text.replaceAll(/\$(?=[$(])/g, "$$$$");
}

function parsePorts(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mountsOf(config: ContainerConfig, volumes: VolumesFromMounts, messagePath: string) {
  return config.mounts.flatMap((mount) => {
    if (mount.containerPath === messagePath) return [];
    const place = volumes.placeOf(mount);
    if (place === undefined) return [];
    const propagation = PROPAGATIONS[mount.propagation];
    return [
      defined({
        name: place.volume,
        mountPath: mount.containerPath,
        subPath: place.subPath || undefined,
        readOnly: mount.readonly || undefined,
        recursiveReadOnly: mount.recursiveReadOnly ? "Enabled" : undefined,
        mountPropagation: propagation,
      }),
    ];
  });
}

const PROPAGATIONS: Readonly<Record<number, string>> = {
  [MountPropagation.PROPAGATION_HOST_TO_CONTAINER]: "HostToContainer",
  [MountPropagation.PROPAGATION_BIDIRECTIONAL]: "Bidirectional",
};

/** What has no CPU request has the least weight, which is 2. */
const NO_REQUEST = 2n;

function resourcesOf(resources: LinuxContainerResources | undefined): object | undefined {
  if (resources === undefined) return undefined;
  const { cpuQuota, cpuPeriod, cpuShares, memoryLimitInBytes, hugepageLimits } = resources;
  const milliLimit = cpuQuota > 0n && cpuPeriod > 0n ? (cpuQuota * 1000n) / cpuPeriod : 0n;
  const hugepages = hugepageLimits
    .filter(({ limit }) => limit > 0n)
    .map(({ pageSize, limit }) => [`hugepages-${pageSize.replace(/B$/, "i")}`, formatBytes(limit)]);
  const limits = {
    ...(milliLimit > 0n ? { cpu: `${milliLimit}m` } : {}),
    ...(memoryLimitInBytes > 0n ? { memory: formatBytes(memoryLimitInBytes) } : {}),
    ...Object.fromEntries(hugepages),
  };
  const milliRequest = cpuShares > NO_REQUEST ? (cpuShares * 1000n + 1023n) / 1024n : 0n;
  const requests = milliRequest > 0n ? { cpu: `${milliRequest}m` } : {};
  const both = defined({
    limits: Object.keys(limits).length === 0 ? undefined : limits,
    requests: Object.keys(requests).length === 0 ? undefined : requests,
  });
  return Object.keys(both).length === 0 ? undefined : both;
}

/** With the largest unit that leaves a whole number. */
function formatBytes(sizeBytes: bigint): string {
  let size = sizeBytes;
  let unit = "";
  for (const next of ["Ki", "Mi", "Gi"]) {
    if (size % 1024n !== 0n) break;
    size /= 1024n;
    unit = next;
  }
  return `${size}${unit}`;
}

function securityOf(security: LinuxContainerSecurityContext | undefined): object | undefined {
  if (security === undefined) return undefined;
  const { privileged, capabilities, runAsUser, runAsGroup, selinuxOptions } = security;
  const { addCapabilities: add = [], dropCapabilities: drop = [] } = capabilities ?? {};
  const isUnmasked = !privileged && security.maskedPaths.length === 0 && security.seccomp;
  const context = defined({
    runAsUser: runAsUser === undefined ? undefined : Number(runAsUser.value),
    runAsGroup: runAsGroup === undefined ? undefined : Number(runAsGroup.value),
    privileged: privileged || undefined,
    readOnlyRootFilesystem: security.readonlyRootfs || undefined,
    allowPrivilegeEscalation: security.noNewPrivs ? false : undefined,
    capabilities:
      add.length + drop.length === 0 ? undefined : defined({ add: some(add), drop: some(drop) }),
    seccompProfile: privileged ? undefined : profileOf(security.seccomp, SECCOMP_ROOT),
    appArmorProfile: profileOf(security.apparmor, ""),
    seLinuxOptions:
      selinuxOptions === undefined || Object.values(selinuxOptions).every((part) => part === "")
        ? undefined
        : selinuxOptions,
    procMount: isUnmasked ? "Unmasked" : undefined,
  });
  return Object.keys(context).length === 0 ? undefined : context;
}

const SECCOMP_ROOT = "/var/lib/kubelet/seccomp/";

/** The runtime's own profile is what one gets in any case. */
function profileOf(profile: SecurityProfile | undefined, root: string): object | undefined {
  if (profile === undefined) return undefined;
  const { profileType, localhostRef } = profile;
  if (profileType === ProfileType.Unconfined) return { type: "Unconfined" };
  if (profileType !== ProfileType.Localhost) return undefined;
  const localhostProfile = localhostRef.startsWith(root)
    ? localhostRef.slice(root.length)
    : localhostRef;
  return { type: "Localhost", localhostProfile };
}

function lifecycleOf({ stopSignal }: ContainerConfig): object | undefined {
  if (stopSignal === Signal.RUNTIME_DEFAULT) return undefined;
  const name = Object.entries(Signal).find(([, number]) => number === stopSignal)?.[0];
  return name === undefined ? undefined : { stopSignal: name };
}
