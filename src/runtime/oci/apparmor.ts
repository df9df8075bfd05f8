import type { LinuxContainerSecurityContext } from "../../cri/gen/runtime/v1/api.ts";
import { SecurityProfile_ProfileType as ProfileType } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";

/**
 * The AppArmor profile to confine with; undefined for none. The structured field wins over the old
 * one. On a node without AppArmor the default profile is none, and any other is refused.
 */
export function selectApparmorProfile(
  security:
    | Pick<LinuxContainerSecurityContext, "privileged" | "apparmor" | "apparmorProfile">
    | undefined,
  hasAppArmor: boolean,
): string | undefined {
  const name = security && localhostProfile(security);
  if (name === undefined) return undefined;
  if (!hasAppArmor) {
    throw new StatusError(
      "InvalidArgument",
      `AppArmor profile "${name}" cannot be enforced: this node has no AppArmor`,
    );
  }
  return security?.privileged ? undefined : name;
}

function localhostProfile(
  security: Pick<LinuxContainerSecurityContext, "apparmor" | "apparmorProfile">,
): string | undefined {
  if (security.apparmor !== undefined) {
    const { profileType, localhostRef } = security.apparmor;
    return profileType === ProfileType.Localhost ? stripPrefix(localhostRef) : undefined;
  }
  const old = security.apparmorProfile;
  return ["", "runtime/default", "unconfined"].includes(old) ? undefined : stripPrefix(old);
}

function stripPrefix(reference: string): string {
  return reference.startsWith("localhost/") ? reference.slice("localhost/".length) : reference;
}
