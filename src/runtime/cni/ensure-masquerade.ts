import { StatusError } from "../../errors/status-error.ts";
import { runProcess } from "../../host/run-process.ts";

/**
 * Sees to it that what a subnet's pods send outside bears the host's address: one rule per network.
 * The bridge plugin's own `ipMasq` makes a chain per pod instead, and takes 15 ms for it at ADD and
 * 45 ms at DEL. Idempotent; the rule stays, as the bridge does. The comment names the network.
 */
export async function ensureMasquerade(options: {
  network: string;
  subnet: string;
  signal?: AbortSignal | undefined;
}): Promise<void> {
  const { network, subnet, signal } = options;
  const rule = [
    ...["POSTROUTING", "-s", subnet, "!", "-d", subnet],
    ...["-m", "comment", "--comment", `${network} pods`, "-j", "MASQUERADE"],
  ];
  const iptables = (action: string) =>
    runProcess("iptables", ["-w", "-t", "nat", action, ...rule], signal && { signal });
  if ((await iptables("-C")).exitCode === 0) return;
  const added = await iptables("-A");
  if (added.exitCode === 0) return;
  throw new StatusError("Internal", `could not mask the subnet "${subnet}" in iptables`, {
    cause: new Error(added.stderr.toString().trim()),
  });
}
