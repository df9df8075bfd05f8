/** A runtime under a name of the user's: where it answers, and how long its calls may take. */
export interface RuntimeContext {
  readonly runtimeEndpoint: string;
  /** Undefined where it is the runtime's. */
  readonly imageEndpoint: string | undefined;
  readonly timeoutMs: number | undefined;
}

const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$/;

/** Whether a word can be the name of a context: no endpoint looks like it. */
export function isContextName(name: string): boolean {
  return NAME.test(name) && name !== "embedded";
}
