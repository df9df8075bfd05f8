import { type Check, type Finding, fail, ok, unchecked, warn } from "../finding.ts";

const NEEDED = ["memory", "pids", "cpu", "cpuset"];
const NEEDED_V1 = ["devices", "freezer"];
const WANTED = { v1: "blkio", v2: "io" } as const;

/** The mode and the controllers: without one, limits of pods are not kept. */
export const cgroups: Check = {
  id: "cgroups",
  title: "control groups",
  embedded: true,
  async run({ node, isRoot }) {
    const { mode, controllers, handedDown, readOnly } = node.cgroups();
    const isV2 = mode === "v2";
    const missing = [...NEEDED, ...(isV2 ? [] : NEEDED_V1)].filter(
      (name) => !controllers.includes(name),
    );
    const wanted = isV2 ? WANTED.v2 : WANTED.v1;
    const findings: Finding[] = [ok("cgroups.mode", `cgroup ${mode}: ${controllers.join(" ")}`)];
    for (const name of missing) findings.push(missingController(name, isV2));
    if (!controllers.includes(wanted)) {
      findings.push(
        warn(
          "cgroups.io",
          `no ${wanted} controller: disk figures and limits are missing`,
          "boot a kernel with CONFIG_BLK_CGROUP",
        ),
      );
    }
    const notHanded = isV2 ? NEEDED.filter((name) => !handedDown.includes(name)) : [];
    if (notHanded.length > 0 && missing.length === 0) {
      findings.push(
        ok("cgroups.delegation", `crish turns on ${notHanded.join(", ")} at its first pod`),
      );
    }
    if (readOnly.length > 0 && isRoot) {
      findings.push(
        fail(
          "cgroups.writable",
          `cannot make cgroups in ${readOnly.join(", ")}`,
          "mount -o remount,rw it; in a container, start that one privileged",
        ),
      );
    } else if (readOnly.length > 0) {
      findings.push(
        unchecked("cgroups.writable", "whether cgroups can be made: only root can tell"),
      );
    }
    return findings;
  },
};

function missingController(name: string, isV2: boolean): Finding {
  const text = `no ${name} controller: limits of pods are not kept`;
  if (name === "memory") {
    return fail(
      "cgroups.memory",
      text,
      "boot with cgroup_enable=memory swapaccount=1 on the kernel's command line",
    );
  }
  const fix = isV2
    ? `boot a kernel that has it, and without cgroup_no_v1 or a v1 mount that holds it`
    : `mkdir -p /sys/fs/cgroup/${name} && mount -t cgroup -o ${name} cgroup /sys/fs/cgroup/${name}`;
  return fail(`cgroups.${name}`, text, fix);
}
