import { existsSync, readdirSync } from "node:fs";
import { release } from "node:os";
import { readIfPresent } from "../../../host/read-if-present.ts";
import { type Check, type Doctor, type Finding, fail, ok, unchecked, warn } from "../finding.ts";
import { hasKernelFeature } from "../kernel-features.ts";

const OLDEST_KERNEL = [4, 18] as const;
const NAMESPACES = ["cgroup", "ipc", "mnt", "net", "pid", "uts"];

/** What containers are made of. */
export const kernel: Check = {
  id: "kernel",
  title: "kernel",
  embedded: true,
  async run(doctor, signal) {
    return [
      checkVersion(release()),
      checkOverlay(),
      checkNamespaces(),
      checkSeccomp(),
      judgeRights(doctor.isRoot, read("/proc/self/status")),
      ...(await checkLinks(doctor, signal)),
    ];
  },
};

export function checkVersion(text: string): Finding {
  const [major = 0, minor = 0] = text.split(".").map((part) => Number.parseInt(part, 10));
  const [oldMajor, oldMinor] = OLDEST_KERNEL;
  const isOld = major < oldMajor || (major === oldMajor && minor < oldMinor);
  if (!isOld) return ok("kernel.version", `Linux ${text}`);
  const wanted = `${oldMajor}.${oldMinor}`;
  return warn(
    "kernel.version",
    `Linux ${text} is older than ${wanted}, the oldest that is tried`,
    "boot a newer kernel",
  );
}

function checkOverlay(): Finding {
  const id = "kernel.overlay";
  if (/^nodev\toverlay$/m.test(read("/proc/filesystems"))) return ok(id, "overlayfs");
  if (hasKernelFeature("overlay", "OVERLAY_FS")) {
    return ok(id, "overlayfs, loaded when it is first used");
  }
  return fail(
    id,
    "no overlayfs: images cannot be mounted",
    "modprobe overlay (and put it into /etc/modules-load.d)",
  );
}

function checkNamespaces(): Finding {
  const id = "kernel.namespaces";
  const present = existsSync("/proc/self/ns") ? readdirSync("/proc/self/ns") : [];
  const missing = NAMESPACES.filter((name) => !present.includes(name));
  if (missing.length > 0) {
    return fail(
      id,
      `no namespaces of the kind ${missing.join(", ")}`,
      "boot a kernel that has them (CONFIG_NAMESPACES and those below it)",
    );
  }
  const hasUser = present.includes("user") ? "" : ", but no user namespaces";
  return ok(id, `namespaces: ${NAMESPACES.join(", ")}${hasUser}`);
}

function checkSeccomp(): Finding {
  const id = "kernel.seccomp";
  const actions = read("/proc/sys/kernel/seccomp/actions_avail");
  if (actions !== "" || /^Seccomp:/m.test(read("/proc/self/status")))
    return ok(id, "seccomp filters");
  return fail(
    id,
    "no seccomp: containers cannot be given a profile",
    "boot a kernel with CONFIG_SECCOMP_FILTER",
  );
}

const NEEDED_RIGHTS = {
  ...{ CHOWN: 0, DAC_OVERRIDE: 1, FOWNER: 3, KILL: 5, SETGID: 6, SETUID: 7, NET_ADMIN: 12 },
  ...{ SYS_CHROOT: 18, SYS_ADMIN: 21, MKNOD: 27, SETFCAP: 31 },
};

/** Root in a container, or under a unit that is bounded, lacks what root usually may. */
export function judgeRights(isRoot: boolean, status: string): Finding {
  const id = "kernel.rights";
  if (!isRoot) {
    return unchecked(id, "the embedded runtime needs root's rights", "run crish as root");
  }
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const missing = Object.entries(NEEDED_RIGHTS)
    .filter(([, bit]) => ((mask >> BigInt(bit)) & 1n) === 0n)
    .map(([name]) => `CAP_${name}`);
  if (missing.length === 0) return ok(id, "root's rights");
  const fix = "run crish on the host itself, or start the container that it is in privileged";
  return fail(id, `root lacks ${missing.join(", ")}`, fix);
}

/** Made for real in a network namespace that ends with the command: nothing of the node changes. */
async function checkLinks({ isRoot, run }: Doctor, signal: AbortSignal): Promise<Finding[]> {
  const id = (name: string) => `kernel.${name}`;
  const kinds = [
    { name: "bridge", option: "BRIDGE", args: ["add", "crish-d0", "type", "bridge"] },
    { name: "veth", option: "VETH", args: ["add", "crish-d1", "type", "veth", "peer", "crish-d2"] },
  ];
  return await Promise.all(
    kinds.map(async ({ name, option, args }) => {
      if (hasKernelFeature(name, option)) return ok(id(name), `${name} devices`);
      if (!isRoot) return unchecked(id(name), `${name} devices: only root can try`);
      const result = await run("unshare", ["--net", "ip", "link", ...args], { signal }).catch(
        () => undefined,
      );
      if (result === undefined) {
        return unchecked(
          id(name),
          `${name} devices: unshare or ip cannot be run`,
          "apt-get install util-linux iproute2",
        );
      }
      if (result.exitCode === 0) return ok(id(name), `${name} devices`);
      const reason = result.stderr.toString().trim().split("\n")[0] ?? "";
      return fail(
        id(name),
        `no ${name} devices: ${reason}`,
        `modprobe ${name} (and put it into /etc/modules-load.d)`,
      );
    }),
  );
}

function read(path: string): string {
  return readIfPresent(path) ?? "";
}
