import type { Container, ContainerConfig } from "../../cri/gen/runtime/v1/api.ts";

/** Where a kubelet counts restarts. */
const RESTART_COUNT = "io.kubernetes.container.restartCount";

/**
 * The configuration of the next attempt: one more than any that the pod has under that name, for a
 * runtime takes name and attempt together once. A log that is named by the attempt, as a kubelet
 * names it (`app/0.log`), is so again, and its count of restarts goes along.
 */
export function nextAttempt(
  config: ContainerConfig,
  siblings: readonly Pick<Container, "metadata">[],
): ContainerConfig {
  const { name = "", attempt: before = 0 } = config.metadata ?? {};
  const attempts = siblings
    .filter(({ metadata }) => metadata?.name === name)
    .map(({ metadata }) => metadata?.attempt ?? 0);
  const attempt = Math.max(before, ...attempts) + 1;
  const isCounted = config.annotations[RESTART_COUNT] !== undefined;
  return {
    ...config,
    metadata: { name, attempt },
    logPath: config.logPath.replace(/(^|\/)(\d+)\.log$/, (whole, slash: string, number: string) =>
      Number(number) === before ? `${slash}${attempt}.log` : whole,
    ),
    annotations: isCounted
      ? { ...config.annotations, [RESTART_COUNT]: String(attempt) }
      : config.annotations,
  };
}
