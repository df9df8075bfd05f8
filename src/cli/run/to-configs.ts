import { randomBytes } from "node:crypto";
import { createMessage } from "../../cri/create-message.ts";
import {
  Capability,
  ContainerConfig,
  ImageSpec,
  LinuxContainerConfig,
  LinuxContainerResources,
  LinuxContainerSecurityContext,
  LinuxPodSandboxConfig,
  LinuxSandboxSecurityContext,
  NamespaceMode,
  NamespaceOption,
  PodSandboxConfig,
  SecurityProfile,
  SecurityProfile_ProfileType,
} from "../../cri/gen/runtime/v1/api.ts";
import { GUARDED_PATHS } from "../../cri/guarded-paths.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { CommandInput } from "../command.ts";
import { parseMemory } from "../parse-memory.ts";
import { runLogName } from "./log-directory.ts";
import {
  parseCpus,
  parseEnv,
  parsePublish,
  parseRunLabels,
  parseUser,
  parseVolume,
} from "./parse-run-values.ts";

export interface RunInput {
  readonly image: string;
  readonly command: readonly string[];
  /** RUN_FLAGS as parsed. */
  readonly flags: CommandInput["flags"];
  /** The lines of --env-file. */
  readonly envFileLines: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly podUid: string;
  /** Where the container's log shall lie; empty leaves it to the runtime. */
  readonly logDirectory: (podName: string) => string;
}

export interface RunConfigs {
  readonly pod: PodSandboxConfig;
  readonly container: ContainerConfig;
}

/** The name of a file, less the UID that stands behind the pod's name in that of its log directory. */
const MAX_NAME_LENGTH = 255 - "_".length - 36;
const CPU_PERIOD_US = 100_000n;

/** The pod and the container that `run IMAGE [CMD…]` means. Throws InvalidArgument. */
export function toConfigs(input: RunInput): RunConfigs {
  const { flags } = input;
  const name = textOf(flags.name) ?? nameFor(input.image);
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)) {
    throw new StatusError(
      "InvalidArgument",
      `--name "${name}" has characters other than letters, digits, "_", "." and "-"`,
    );
  }
  if (name.length > MAX_NAME_LENGTH) {
    throw new StatusError("InvalidArgument", `--name is longer than ${MAX_NAME_LENGTH} characters`);
  }
  const namespaceOptions = createMessage(NamespaceOption, {
    network: flags.network === "host" ? NamespaceMode.NODE : NamespaceMode.POD,
    pid: NamespaceMode.CONTAINER,
  });
  const labels = parseRunLabels(listOf(flags.label));
  const logDirectory = input.logDirectory(name);
  return {
    pod: podConfig(input, { name, labels, logDirectory, namespaceOptions }),
    container: containerConfig(input, { name, labels, logDirectory, namespaceOptions }),
  };
}

interface Shared {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly logDirectory: string;
  readonly namespaceOptions: NamespaceOption;
}

function podConfig({ flags, podUid }: RunInput, shared: Shared): PodSandboxConfig {
  const dns = [...listOf(flags.dns)];
  const isHost = flags.network === "host";
  const portMappings = listOf(flags.publish).map(parsePublish);
  if (isHost && portMappings.length > 0) {
    throw new StatusError("InvalidArgument", "-p has no meaning with --network host");
  }
  return createMessage(PodSandboxConfig, {
    metadata: {
      name: shared.name,
      namespace: textOf(flags.namespace) ?? "default",
      uid: podUid,
      attempt: 0,
    },
    // The node's own name belongs to the node's network.
    hostname: textOf(flags.hostname) ?? (isHost ? "" : shared.name.slice(0, 63)),
    logDirectory: shared.logDirectory,
    labels: shared.labels,
    portMappings,
    dnsConfig: dns.length === 0 ? undefined : { servers: dns, searches: [], options: [] },
    linux: createMessage(LinuxPodSandboxConfig, {
      securityContext: createMessage(LinuxSandboxSecurityContext, {
        namespaceOptions: shared.namespaceOptions,
        privileged: flags.privileged === true,
        ...(flags.privileged === true ? {} : { seccomp: defaultSeccomp() }),
      }),
    }),
  });
}

function containerConfig(input: RunInput, shared: Shared): ContainerConfig {
  const { flags } = input;
  const entrypoint = textOf(flags.entrypoint);
  const stdin = flags.interactive === true;
  return createMessage(ContainerConfig, {
    metadata: { name: shared.name, attempt: 0 },
    image: createMessage(ImageSpec, { image: input.image, userSpecifiedImage: input.image }),
    command: entrypoint === undefined ? [] : [entrypoint],
    args: [...input.command],
    workingDir: absolutePath(textOf(flags.workdir) ?? ""),
    envs: parseEnv([...input.envFileLines, ...listOf(flags.env)], input.env),
    mounts: listOf(flags.volume).map((word) => parseVolume(word, input.cwd)),
    labels: shared.labels,
    logPath: shared.logDirectory === "" ? "" : runLogName(shared.name),
    stdin,
    // Attached, the end of our stdin is the end of the container's.
    stdinOnce: stdin && flags.detach !== true,
    tty: flags.tty === true,
    linux: createMessage(LinuxContainerConfig, {
      resources: resources(flags),
      securityContext: securityContext(flags, shared.namespaceOptions),
    }),
  });
}

function resources(flags: CommandInput["flags"]): LinuxContainerResources | undefined {
  const memory = textOf(flags.memory);
  const cpus = textOf(flags.cpus);
  if (memory === undefined && cpus === undefined) return undefined;
  return createMessage(LinuxContainerResources, {
    ...(memory === undefined ? {} : { memoryLimitInBytes: parseMemory(memory) }),
    ...(cpus === undefined ? {} : { cpuPeriod: CPU_PERIOD_US, cpuQuota: parseCpus(cpus) }),
  });
}

function securityContext(flags: CommandInput["flags"], namespaceOptions: NamespaceOption) {
  const privileged = flags.privileged === true;
  const user = textOf(flags.user);
  const add = listOf(flags["cap-add"]).map(capabilityName);
  const drop = listOf(flags["cap-drop"]).map(capabilityName);
  return createMessage(LinuxContainerSecurityContext, {
    privileged,
    namespaceOptions,
    readonlyRootfs: flags["read-only"] === true,
    ...(user === undefined ? {} : parseUser(user)),
    ...(add.length + drop.length === 0
      ? {}
      : {
          capabilities: createMessage(Capability, {
            addCapabilities: add,
            dropCapabilities: drop,
          }),
        }),
    ...(privileged
      ? {}
      : {
          seccomp: defaultSeccomp(),
          maskedPaths: GUARDED_PATHS.masked,
          readonlyPaths: GUARDED_PATHS.readonly,
        }),
  });
}

/** CRI names them without their prefix. */
function capabilityName(word: string): string {
  return word.toUpperCase().replace(/^CAP_/, "");
}

function defaultSeccomp(): SecurityProfile {
  return createMessage(SecurityProfile, {
    profileType: SecurityProfile_ProfileType.RuntimeDefault,
  });
}

/** `registry/team/web:1.2` → `web-4f3a2b`. */
function nameFor(image: string): string {
  const last = image.split("/").at(-1) ?? "";
  const base = last.replace(/[:@].*$/, "").replaceAll(/[^A-Za-z0-9]+/g, "-");
  const word = base.replace(/^-+|-+$/g, "").slice(0, MAX_NAME_LENGTH - 7);
  return `${word || "container"}-${randomBytes(3).toString("hex")}`;
}

function textOf(value: CommandInput["flags"][string]): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function listOf(value: CommandInput["flags"][string]): readonly string[] {
  return Array.isArray(value) ? value : [];
}

function absolutePath(path: string): string {
  if (path === "" || path.startsWith("/")) return path;
  throw new StatusError("InvalidArgument", `-w wants an absolute path, not "${path}"`);
}
