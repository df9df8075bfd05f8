import { existsSync, readFileSync } from "node:fs";
import { describe } from "../../../errors/describe.ts";
import { findExecutable } from "../../../host/find-executable.ts";
import { type Check, type Doctor, type Finding, fail, ok, unchecked, warn } from "../finding.ts";

const INSTALL_IPTABLES = "apt-get install iptables";

/** What carries packets between pods and the world: forwarding, iptables and its rules, iproute2. */
export const firewall: Check = {
  id: "firewall",
  title: "forwarding and packet filter",
  embedded: true,
  async run(doctor, signal) {
    const [program, rules, policy] = await Promise.all([
      checkIptables(doctor, signal),
      checkRules(doctor, signal),
      checkPolicy(doctor, signal),
    ]);
    return [checkForwarding(), checkIproute(doctor), program, ...rules, ...policy];
  },
};

function checkForwarding(): Finding {
  const id = "firewall.forwarding";
  const file = "/proc/sys/net/ipv4/ip_forward";
  if (existsSync(file) && readFileSync(file, "latin1").trim() === "1")
    return ok(id, "IPv4 is forwarded");
  const text =
    "IPv4 is not forwarded: pods reach nothing beyond the node until the bridge plugin turns it on";
  return warn(id, text, "sysctl -w net.ipv4.ip_forward=1 (and put it into /etc/sysctl.d)");
}

function checkIproute({ env }: Doctor): Finding {
  const path = findExecutable("ip", env.PATH ?? "");
  if (path !== undefined) return ok("firewall.iproute", `${path}`);
  return fail(
    "firewall.iproute",
    "no ip: pods' loopback cannot be set up",
    "apt-get install iproute2",
  );
}

async function checkIptables({ run }: Doctor, signal: AbortSignal): Promise<Finding> {
  const id = "firewall.iptables";
  try {
    const { exitCode, stdout, stderr } = await run("iptables", ["--version"], { signal });
    if (exitCode === 0) return ok(id, stdout.toString().trim());
    return fail(id, `iptables does not run: ${stderr.toString().trim()}`, INSTALL_IPTABLES);
  } catch (error) {
    const { message, hint } = describe(error);
    return fail(id, message, hint ?? INSTALL_IPTABLES);
  }
}

const TRIED_RULES = [
  {
    name: "masquerade",
    what: "pods' traffic cannot be masked",
    modules: "xt_MASQUERADE xt_comment nf_nat",
    args: ["POSTROUTING", "-m", "comment", "--comment", "crish", "-j", "MASQUERADE"],
  },
  {
    name: "dnat",
    what: "host ports cannot be mapped",
    modules: "xt_nat nf_nat",
    args: [
      "PREROUTING",
      "-p",
      "tcp",
      "--dport",
      "1",
      "-j",
      "DNAT",
      "--to-destination",
      "127.0.0.1:1",
    ],
  },
];

/** Tried in a network namespace that ends with the command: the node's own rules are not touched. */
async function checkRules(doctor: Doctor, signal: AbortSignal): Promise<Finding[]> {
  if (findExecutable("iptables", doctor.env.PATH ?? "") === undefined) return [];
  return await Promise.all(
    TRIED_RULES.map(async ({ name, what, modules, args }) => {
      const id = `firewall.${name}`;
      if (!doctor.isRoot) return unchecked(id, `the rule for ${name}: only root can try`);
      const command = ["--net", "iptables", "-w", "2", "-t", "nat", "-A", ...args];
      const result = await doctor.run("unshare", command, { signal }).catch(() => undefined);
      if (result === undefined) return unchecked(id, `the rule for ${name} could not be tried`);
      if (result.exitCode === 0) return ok(id, `iptables takes the rule for ${name}`);
      const reason = result.stderr.toString().trim().split("\n")[0];
      const fix = `modprobe -a ${modules}; or the other backend: update-alternatives --config iptables`;
      return fail(id, `iptables refuses the rule for ${name}, ${what}: ${reason}`, fix);
    }),
  );
}

/** The default network has no firewall plugin: nothing else lets pods through a chain that drops. */
async function checkPolicy(doctor: Doctor, signal: AbortSignal): Promise<Finding[]> {
  const id = "firewall.forward";
  if (findExecutable("iptables", doctor.env.PATH ?? "") === undefined) return [];
  if (!doctor.isRoot) return [unchecked(id, "the FORWARD chain: only root can read it")];
  const facts = await doctor.node.networks().catch(() => undefined);
  if (facts === undefined || !facts.isDefault) return [];
  const { exitCode, stdout, stderr } = await doctor.run("iptables", ["-w", "2", "-S", "FORWARD"], {
    signal,
  });
  if (exitCode !== 0) {
    return [unchecked(id, `the FORWARD chain cannot be read: ${stderr.toString().trim()}`)];
  }
  return [judgeForward(stdout.toString(), facts)];
}

export function judgeForward(
  rules: string,
  { bridge, subnet }: { bridge: string; subnet: string },
): Finding {
  const id = "firewall.forward";
  const lines = rules.split("\n");
  if (!lines.includes("-P FORWARD DROP")) return ok(id, "the FORWARD chain lets packets through");
  const lets = lines.some((line) => {
    if (!/^-A FORWARD .*-j ACCEPT$/.test(line)) return false;
    return line.includes(` -i ${bridge} `) || line.includes(` -s ${subnet} `);
  });
  if (lets || lines.includes("-A FORWARD -j ACCEPT")) {
    return ok(id, `the FORWARD chain drops, but lets ${bridge} through`);
  }
  const text = `the FORWARD chain drops what no rule accepts, and none accepts ${bridge}: pods reach nothing beyond the node`;
  const fix = `iptables -I FORWARD -i ${bridge} -j ACCEPT; iptables -I FORWARD -o ${bridge} -j ACCEPT`;
  return fail(id, text, fix);
}
