import { describe } from "../../../errors/describe.ts";
import { type Check, type Finding, fail, ok, unchecked, warn } from "../finding.ts";
import type { SocketAnswer } from "../probe-socket.ts";

/** Every known socket and the configured endpoint: who answers there, and how it is. */
export const sockets: Check = {
  id: "sockets",
  title: "runtimes and their sockets",
  embedded: false,
  async run(doctor) {
    const answers = await doctor.sockets();
    const findings = answers.flatMap(judge);
    if (findings.length > 0) return findings;
    return [ok("sockets.none", "no runtime's socket is there: the embedded runtime is used")];
  },
};

function judge(answer: SocketAnswer): Finding[] {
  const { endpoint, isConfigured, state } = answer;
  const id = "sockets.endpoint";
  const fault = isConfigured ? fail : warn;
  const why = answer.error === undefined ? "" : `: ${describe(answer.error).message}`;
  switch (state) {
    case "answers":
      return [answered(answer), ...conditions(answer)];
    case "absent":
      if (!isConfigured) return [];
      return [
        fail(
          id,
          `"${endpoint}" is configured and not there`,
          `${startOf(endpoint)}, or name another with --runtime-endpoint`,
        ),
      ];
    case "no-socket":
      return [
        fault(
          id,
          `"${endpoint}" is there and is no socket`,
          "remove it, and restart the runtime that should be there",
        ),
      ];
    case "stale":
      return [
        fault(
          id,
          `nothing listens on "${endpoint}"${why}`,
          `${startOf(endpoint)}, or remove the stale socket`,
        ),
      ];
    case "refused":
      return [
        (isConfigured ? fail : unchecked)(
          id,
          `no permission to use "${endpoint}"`,
          "run crish as root, or join the socket's group",
        ),
      ];
    case "unreachable":
      return [
        fault(
          id,
          `"${endpoint}" does not answer${why}`,
          "is its runtime running, and the port open?",
        ),
      ];
    case "silent":
      return [
        fault(
          id,
          `"${endpoint}" takes the connection and does not answer`,
          `its runtime hangs: ${logOf(endpoint)}, then restart it`,
        ),
      ];
    default:
      return [fault(id, `"${endpoint}" answers, but not as CRI${why}`, otherFix(endpoint))];
  }
}

function answered({ endpoint, runtimeName, runtimeVersion, apiVersion }: SocketAnswer): Finding {
  const version = `${runtimeName} ${runtimeVersion}, CRI ${apiVersion}`;
  return ok("sockets.endpoint", `${endpoint}: ${version}`);
}

/** A runtime that says it is not ready is a fault, whoever chose it. */
function conditions({ endpoint, conditions: found = [] }: SocketAnswer): Finding[] {
  return found.map(({ type, status, reason, message }) => {
    if (status) return ok("sockets.condition", `${endpoint}: ${type}`);
    const text = `${endpoint} is not ready: ${[type, reason, message].filter(Boolean).join(", ")}`;
    const fix =
      type === "NetworkReady"
        ? "it lacks a network: put a CNI configuration list into its configuration directory"
        : logOf(endpoint);
    return fail("sockets.condition", text, fix);
  });
}

function otherFix(endpoint: string): string {
  return unitOf(endpoint) === "containerd"
    ? "take cri out of disabled_plugins in /etc/containerd/config.toml, and restart containerd"
    : "name the runtime's CRI socket with --runtime-endpoint";
}

const UNITS = ["k3s", "crio", "cri-dockerd", "containerd", "crish"];

/** The unit that the socket's path speaks of. */
function unitOf(endpoint: string): string | undefined {
  return UNITS.find((unit) => endpoint.includes(unit));
}

function startOf(endpoint: string): string {
  const unit = unitOf(endpoint);
  return unit === undefined ? "start its runtime" : `start its runtime (systemctl start ${unit})`;
}

function logOf(endpoint: string): string {
  const unit = unitOf(endpoint);
  return unit === undefined ? "look at its log" : `look at its log (journalctl -u ${unit})`;
}
