import type { Metric } from "../../cri/gen/runtime/v1/api.ts";
import { METRICS, type MetricName } from "./metric-table.ts";

/** Values of one object, in the order in which they are added. */
export interface MetricList {
  readonly metrics: Metric[];
  /** `labels` are those that the metric has behind the base labels. */
  add(name: MetricName, value: bigint | number, ...labels: readonly string[]): void;
}

/** `base` are the values of BASE_LABELS. */
export function createMetricList(base: readonly string[], timestamp: bigint): MetricList {
  const metrics: Metric[] = [];
  return {
    metrics,
    add(name, value, ...labels) {
      metrics.push({
        name,
        timestamp,
        metricType: METRICS[name].type,
        labelValues: [...base, ...labels],
        value: { value: BigInt(value) },
      });
    },
  };
}
