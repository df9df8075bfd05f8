import { createMessage } from "../cri/create-message.ts";
import {
  Capability,
  type Int64Value,
  LinuxContainerSecurityContext,
  type LinuxSandboxSecurityContext,
  SecurityProfile_ProfileType as ProfileType,
  type SELinuxOption,
  SecurityProfile,
  SupplementalGroupsPolicy,
} from "../cri/gen/runtime/v1/api.ts";
import { GUARDED_PATHS } from "../cri/guarded-paths.ts";
import { StatusError } from "../errors/status-error.ts";
import type { ContainerManifest, ProfileManifest } from "./container-shape.ts";
import type { PodSpecManifest } from "./pod-shape.ts";

/** Where a kubelet, and so a manifest, has its seccomp profiles. */
const SECCOMP_ROOT = "/var/lib/kubelet/seccomp";

/** Who an image runs as: a number, a name, or nobody named, which is root. */
export interface ImageUser {
  readonly uid: bigint | undefined;
  readonly username: string;
}

/** What holds for the sandbox itself. */
export function podSecurity(spec: PodSpecManifest): Partial<LinuxSandboxSecurityContext> {
  const { securityContext: security = {} } = spec;
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const privileged = containers.some((container) => container.securityContext?.privileged === true);
  const { runAsUser, runAsGroup, seLinuxOptions } = security;
  return {
    privileged,
    ...(privileged ? {} : { seccomp: profile({ type: "RuntimeDefault" }, "") }),
    ...(runAsUser === undefined ? {} : { runAsUser: int64(runAsUser) }),
    ...(runAsUser === undefined || runAsGroup === undefined
      ? {}
      : { runAsGroup: int64(runAsGroup) }),
    ...(seLinuxOptions === undefined ? {} : { selinuxOptions: selinux(seLinuxOptions) }),
    ...groups(spec),
  };
}

/**
 * What holds for a container: its own context over the pod's. A container that says nothing of
 * seccomp gets the runtime's profile. Throws FailedPrecondition where runAsNonRoot is not kept.
 */
export function containerSecurity(
  container: ContainerManifest,
  spec: PodSpecManifest,
  image: ImageUser | undefined,
): LinuxContainerSecurityContext {
  const own = { ...spec.securityContext, ...container.securityContext };
  refuseRoot(container.name, own, image);
  const privileged = own.privileged === true;
  const { seccompProfile = { type: "RuntimeDefault" }, appArmorProfile, capabilities } = own;
  const isUnmasked = privileged || own.procMount === "Unmasked";
  return createMessage(LinuxContainerSecurityContext, {
    privileged,
    readonlyRootfs: own.readOnlyRootFilesystem === true,
    noNewPrivs: own.allowPrivilegeEscalation === false,
    ...userOf(own, image),
    ...groups(spec),
    ...(capabilities === undefined
      ? {}
      : {
          capabilities: createMessage(Capability, {
            addCapabilities: (capabilities.add ?? []).map(capabilityName),
            dropCapabilities: (capabilities.drop ?? []).map(capabilityName),
          }),
        }),
    ...(privileged ? {} : { seccomp: profile(seccompProfile, `${SECCOMP_ROOT}/`) }),
    ...(appArmorProfile === undefined || privileged
      ? {}
      : { apparmor: profile(appArmorProfile, "") }),
    ...(own.seLinuxOptions === undefined ? {} : { selinuxOptions: selinux(own.seLinuxOptions) }),
    maskedPaths: isUnmasked ? [] : GUARDED_PATHS.masked,
    readonlyPaths: isUnmasked ? [] : GUARDED_PATHS.readonly,
  });
}

interface Wish {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly runAsNonRoot?: boolean;
}

function refuseRoot(name: string, wish: Wish, image: ImageUser | undefined): void {
  if (wish.runAsNonRoot !== true) return;
  if (wish.runAsUser !== undefined && wish.runAsUser > 0) return;
  const hint = "set securityContext.runAsUser to a number above 0";
  const refuse = (why: string) =>
    new StatusError("FailedPrecondition", `container "${name}" has runAsNonRoot, and ${why}`, {
      hint,
    });
  if (wish.runAsUser === 0) throw refuse("runAsUser is 0");
  if (image === undefined) return;
  if (image.uid !== undefined && image.uid > 0n) return;
  if (image.username !== "" && image.username !== "root") {
    throw refuse(`its image's user "${image.username}" is a name, which may be root's`);
  }
  throw refuse("its image runs as root");
}

/** CRI takes a group only beside a user: then the image's is named. */
function userOf(wish: Wish, image: ImageUser | undefined): Partial<LinuxContainerSecurityContext> {
  const { runAsUser, runAsGroup } = wish;
  if (runAsUser === undefined && runAsGroup === undefined) return {};
  const group = runAsGroup === undefined ? {} : { runAsGroup: int64(runAsGroup) };
  if (runAsUser !== undefined) return { runAsUser: int64(runAsUser), ...group };
  if (image === undefined) return {};
  if (image.username !== "") return { runAsUsername: image.username, ...group };
  return { runAsUser: { value: image.uid ?? 0n }, ...group };
}

function groups({ securityContext = {} }: PodSpecManifest) {
  const { supplementalGroups = [], fsGroup, supplementalGroupsPolicy } = securityContext;
  const all = fsGroup === undefined ? supplementalGroups : [fsGroup, ...supplementalGroups];
  return {
    supplementalGroups: [...new Set(all)].map(BigInt),
    ...(supplementalGroupsPolicy === "Strict"
      ? { supplementalGroupsPolicy: SupplementalGroupsPolicy.Strict }
      : {}),
  };
}

function profile({ type, localhostProfile = "" }: ProfileManifest, root: string): SecurityProfile {
  return createMessage(SecurityProfile, {
    profileType: ProfileType[type],
    localhostRef: type === "Localhost" ? `${root}${localhostProfile}` : "",
  });
}

function selinux({ user = "", role = "", type = "", level = "" }: Partial<SELinuxOption>) {
  return { user, role, type, level };
}

/** CRI names them without their prefix. */
function capabilityName(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, "");
}

function int64(value: number): Int64Value {
  return { value: BigInt(value) };
}
