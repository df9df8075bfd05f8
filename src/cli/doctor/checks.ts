import { cgroups } from "./checks/cgroups.ts";
import { clock } from "./checks/clock.ts";
import { configuration } from "./checks/configuration.ts";
import { disk } from "./checks/disk.ts";
import { firewall } from "./checks/firewall.ts";
import { kernel } from "./checks/kernel.ts";
import { limits } from "./checks/limits.ts";
import { networks } from "./checks/networks.ts";
import { programs } from "./checks/programs.ts";
import { registries } from "./checks/registries.ts";
import { sockets } from "./checks/sockets.ts";
import { state } from "./checks/state.ts";
import type { Check } from "./finding.ts";

/** Every check, in the order of the report. */
export const CHECKS: readonly Check[] = [
  configuration,
  sockets,
  programs,
  kernel,
  limits,
  cgroups,
  networks,
  firewall,
  registries,
  disk,
  state,
  clock,
];
