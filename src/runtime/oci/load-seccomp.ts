import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type LinuxContainerSecurityContext,
  SecurityProfile_ProfileType as ProfileType,
} from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { builtInSeccomp } from "./built-in-seccomp.ts";
import { convertSeccomp } from "./convert-seccomp.ts";

/** Where containers-common installs the default profile, the administrator's first. */
const NODE_PROFILES = ["/etc/containers/seccomp.json", "/usr/share/containers/seccomp.json"];
/** Below it lie profiles that are named by a relative path, as the kubelet does. */
const LOCAL_PROFILES = "/var/lib/kubelet/seccomp";

type Wish = Pick<LinuxContainerSecurityContext, "privileged" | "seccomp" | "seccompProfilePath">;

/**
 * The profile that a container asks for, in OCI's form; undefined for unconfined, which is also what
 * a container that asks for nothing gets. NotFound for a local profile that does not exist,
 * InvalidArgument for one that is malformed.
 */
export async function loadSeccomp(
  wish: Wish | undefined,
  options: { capabilities: readonly string[]; defaultProfile: string | undefined },
): Promise<object | undefined> {
  const profile = wish === undefined || wish.privileged ? undefined : selectProfile(wish);
  if (profile === undefined) return undefined;
  const subject = {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    capabilities: options.capabilities,
  };
  if (profile !== DEFAULT) return convertSeccomp(await readProfile(profile.path), subject);
  return convertSeccomp(await readDefault(options.defaultProfile), subject);
}

const DEFAULT = "default";

function selectProfile(wish: Wish): typeof DEFAULT | { path: string } | undefined {
  const { seccomp, seccompProfilePath: old } = wish;
  if (seccomp !== undefined) {
    if (seccomp.profileType === ProfileType.RuntimeDefault) return DEFAULT;
    if (seccomp.profileType === ProfileType.Unconfined) return undefined;
    return { path: localPath(seccomp.localhostRef) };
  }
  if (old === "" || old === "unconfined") return undefined;
  if (old === "runtime/default" || old === "docker/default") return DEFAULT;
  return { path: localPath(old) };
}

function localPath(reference: string): string {
  const path = reference.startsWith("localhost/")
    ? reference.slice("localhost/".length)
    : reference;
  if (path === "") {
    throw new StatusError("InvalidArgument", "seccomp profile Localhost names no file");
  }
  return path.startsWith("/") ? path : join(LOCAL_PROFILES, path);
}

async function readDefault(configured: string | undefined): Promise<unknown> {
  if (configured !== undefined) return await readProfile(configured);
  for (const path of NODE_PROFILES) {
    try {
      return JSON.parse(await readFile(path, "utf8"));
    } catch {
      // Not installed, or not usable: the next one, and at last our own.
    }
  }
  return builtInSeccomp();
}

async function readProfile(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new StatusError("NotFound", `cannot read seccomp profile "${path}"`, { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StatusError("InvalidArgument", `seccomp profile "${path}" is not JSON`, { cause });
  }
}
