/**
 * What somebody has begun and not yet ended. Written before the first effect and removed with the
 * outcome; one whose owner no longer lives is undone or completed by the next crish on the root.
 */
import type { ProcessIdentity } from "../../host/process-identity.ts";

export interface Intents {
  /** Records the intent together with what must be in the same transaction, then passes the failpoint. */
  begin(intent: NewIntent): Promise<void>;
  /** Removes it; call inside the same `Database.write` as the outcome through `endWithin`. */
  end(intent: Pick<NewIntent, "kind" | "subject">): Promise<void>;
  /** Intents whose owner is dead, oldest first. */
  listOrphaned(): readonly Intent[];
}

export interface NewIntent {
  /** What is being done: `sandbox-run`, `container-create`, `image-pull`, … */
  readonly kind: string;
  /** The ID it is done to. */
  readonly subject: string;
  /** What undoing needs to know, as JSON. */
  readonly detail?: unknown;
}

export interface Intent extends NewIntent {
  readonly owner: ProcessIdentity;
  readonly createdAtNs: bigint;
}
