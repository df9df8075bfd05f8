import { type Container, ContainerState } from "../cri/gen/runtime/v1/api.ts";

type Attempt = Pick<Container, "state" | "createdAt">;

/**
 * Whether a container's name means this attempt rather than the other: the newest, but none that was
 * made only for later while another one runs, as `restart` makes it before it stops that one.
 */
export function isMeantBefore(attempt: Attempt, other: Attempt): boolean {
  if (isForLater(attempt, other)) return false;
  return isForLater(other, attempt) || attempt.createdAt > other.createdAt;
}

function isForLater({ state }: Attempt, other: Attempt): boolean {
  return (
    state === ContainerState.CONTAINER_CREATED && other.state === ContainerState.CONTAINER_RUNNING
  );
}

/** The attempt that is meant of several; undefined of none. */
export function meantAttempt<T extends Attempt>(attempts: readonly T[]): T | undefined {
  return attempts.reduce<T | undefined>(
    (meant, each) => (meant === undefined || isMeantBefore(each, meant) ? each : meant),
    undefined,
  );
}
