export type StartFigure = {
  readonly task: string;
  readonly ms: number;
} & (
  | {
      /** What was measured beside it. */
      readonly theirMs: number;
      /** What crictl takes, or would take by what is known of it. */
      readonly crictlMs: number;
      /** The most that we may take of crictl's time. */
      readonly aim: number;
    }
  | { readonly aimMs: number }
);

/** A line per task: our time, theirs, the ratio to it and to crictl's, the aim. */
export function renderStartTable(figures: readonly StartFigure[], other: "ctr" | "crictl"): string {
  const heading = ["median of whole processes", "crish ms", `${other} ms`, `of ${other}`];
  const rows = [
    [...heading, "of crictl", "aim", "met"],
    ...figures.map((figure) => {
      const { task, ms } = figure;
      if ("aimMs" in figure) {
        return [task, ms.toFixed(2), "", "", "", `${figure.aimMs} ms`, verdict(ms <= figure.aimMs)];
      }
      const { theirMs, crictlMs, aim } = figure;
      const ratio = ms / crictlMs;
      return [
        task,
        ms.toFixed(1),
        theirMs.toFixed(1),
        (ms / theirMs).toFixed(2),
        ratio.toFixed(ratio < 0.1 ? 3 : 2),
        String(aim),
        verdict(ratio <= aim),
      ];
    }),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  const note = "crictl's times are ctr's by known factors: see test/bench/start.ts\n";
  return `${lines.join("\n")}\n${other === "ctr" ? note : ""}`;
}

function verdict(isMet: boolean): string {
  return isMet ? "yes" : "no";
}
