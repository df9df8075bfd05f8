import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { StatusError } from "../errors/status-error.ts";

/** Searched after the PATH: where node components lie, whatever the caller's environment says. */
const SYSTEM_DIRECTORIES = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"];

/** Debian's packages for the programs that crish starts, by the program's name. */
const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  runc: "runc",
  conmon: "conmon",
  criu: "criu",
  catatonit: "catatonit",
  iptables: "iptables",
  ip6tables: "iptables",
  ip: "iproute2",
  tar: "tar",
  mount: "mount",
  umount: "mount",
  unshare: "util-linux",
  nsenter: "util-linux",
};

/** The absolute path of a program; a name with a slash stands for itself.
 * FailedPrecondition where there is none. */
export function getExecutable(name: string, path: string = process.env.PATH ?? ""): string {
  const found = findExecutable(name, path);
  if (found !== undefined) return found;
  const program = name.slice(name.lastIndexOf("/") + 1);
  const packageName = DEBIAN_PACKAGES[program];
  throw new StatusError("FailedPrecondition", `no executable "${name}"`, {
    ...(packageName === undefined
      ? {}
      : { hint: `install it: apt-get install ${packageName} (Debian's package)` }),
  });
}

/** Like getExecutable, but undefined where there is none. */
export function findExecutable(
  name: string,
  path: string = process.env.PATH ?? "",
): string | undefined {
  if (name.includes("/")) return isExecutable(name) ? name : undefined;
  for (const directory of [...path.split(delimiter), ...SYSTEM_DIRECTORIES]) {
    const candidate = join(directory, name);
    if (directory.startsWith("/") && isExecutable(candidate)) return candidate;
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
