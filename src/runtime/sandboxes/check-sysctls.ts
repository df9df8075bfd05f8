import { StatusError } from "../../errors/status-error.ts";

/** What the kernel keeps per namespace; any other sysctl would change the host. */
const NETWORK = /^net\./;
const IPC = /^(kernel\.(shm\w*|msg\w*|sem)|fs\.mqueue\.\w+)$/;

/** Refuses sysctls that are not the pod's own (InvalidArgument). Names in either spelling. */
export function checkSysctls(
  sysctls: Readonly<Record<string, string>>,
  pod: { hasNetwork: boolean; hasIpc: boolean },
): void {
  for (const [name, value] of Object.entries(sysctls)) {
    const dotted = name.includes("/") ? name.replaceAll("/", ".") : name;
    const isNetwork = NETWORK.test(dotted);
    if (/[^\w./:-]/.test(name) || dotted.includes("..") || /[\n\0]/.test(value)) {
      throw new StatusError("InvalidArgument", `the sysctl "${name}" is malformed`);
    }
    if (!isNetwork && !IPC.test(dotted)) {
      throw new StatusError("InvalidArgument", `the sysctl "${name}" is not one of a pod`);
    }
    if (isNetwork ? !pod.hasNetwork : !pod.hasIpc) {
      throw new StatusError(
        "InvalidArgument",
        `the sysctl "${name}" would change the host, whose ${isNetwork ? "network" : "IPC"} namespace the pod uses`,
      );
    }
  }
}
