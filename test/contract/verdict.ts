/** What a runner outside node:test reports of one case. */
export interface Verdict {
  title: string;
  /** Absent where it passed. */
  error?: string;
}

/** Title of the last verdict: what closing the backend found. */
export const CLOSING = "(closing)";
