/** Names of the checks, here so that the specification of `doctor` loads none of them. */
export const CHECK_IDS: readonly string[] = [
  "configuration",
  "sockets",
  "programs",
  "kernel",
  "limits",
  "cgroups",
  "networks",
  "firewall",
  "registries",
  "disk",
  "state",
  "clock",
];
