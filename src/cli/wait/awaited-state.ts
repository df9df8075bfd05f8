import { ContainerState, PodSandboxState } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";

export const CONTAINER_GOALS = ["created", "running", "exited", "removed"] as const;
export const POD_GOALS = ["created", "ready", "notready", "removed"] as const;

/** The state that is waited for. */
export type Goal = (typeof CONTAINER_GOALS)[number] | (typeof POD_GOALS)[number];

/** What is waited on, as the last look saw it. */
export interface Watched {
  readonly kind: "container" | "pod";
  /** As the user called it. */
  readonly reference: string;
  /** Undefined where it is gone. */
  readonly state: number | undefined;
}

export type Verdict = "reached" | "pending" | { readonly never: StatusError };

/**
 * Whether the goal is reached. A container runs once, and a pod is ready once: what is behind a
 * state never comes back to it. What is removed has ended.
 */
export function judge(watched: Watched, goal: Goal): Verdict {
  const { state } = watched;
  if (goal === "removed") return state === undefined ? "reached" : "pending";
  if (goal === "exited" || goal === "notready") {
    return state === undefined || hasEnded(watched) ? "reached" : "pending";
  }
  if (state === undefined) return { never: missed(watched, "was removed") };
  if (goal === "created") return "reached";
  if (hasEnded(watched)) return { never: missed(watched, endedWord(watched)) };
  const isThere =
    watched.kind === "pod" || (state as ContainerState) === ContainerState.CONTAINER_RUNNING;
  return isThere ? "reached" : "pending";
}

const CONTAINER_WORDS: readonly string[] = ["created", "running", "exited", "unknown"];

/** The state in a word, for a message. */
export function stateWord({ kind, state }: Watched): string {
  if (state === undefined) return "not there";
  if (kind === "container") return CONTAINER_WORDS[state] ?? "unknown";
  return (state as PodSandboxState) === PodSandboxState.SANDBOX_READY ? "ready" : "not ready";
}

function hasEnded({ kind, state }: Watched): boolean {
  return kind === "container"
    ? (state as ContainerState) === ContainerState.CONTAINER_EXITED
    : (state as PodSandboxState) === PodSandboxState.SANDBOX_NOTREADY;
}

function endedWord({ kind }: Watched): string {
  return kind === "container" ? "has ended" : "has stopped";
}

function missed({ kind, reference }: Watched, what: string): StatusError {
  return new StatusError("FailedPrecondition", `${kind} "${reference}" ${what}`, {
    hint: `what is waited for comes no more; a new attempt is another ${kind}`,
  });
}
