import { StatusError } from "../../errors/status-error.ts";

const FACTORS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A Kubernetes quantity of bits per second (`10M`, `1.5G`, `512Ki`), within the 1k to 1P it allows. */
export function parseBitRate(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text.trim());
  const rate = Math.round(Number(match?.[1] ?? Number.NaN) * (FACTORS[match?.[2] ?? ""] ?? 1));
  if (rate >= 1e3 && rate <= 1e15) return rate;
  throw new StatusError("InvalidArgument", `"${text}" is no bandwidth between 1k and 1P`);
}
