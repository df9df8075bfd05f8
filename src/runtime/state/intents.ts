/**
 * What somebody has begun and not yet ended. Written before the first effect and removed with the
 * outcome; one whose owner no longer lives is undone or completed by the next crish on the root.
 */
import type { DatabaseSync } from "node:sqlite";
import type { ProcessIdentity } from "../../host/process-identity.ts";

export interface Intents {
  /**
   * Records the intent, owned by this process, and in the same transaction what `alongside` writes;
   * then passes the failpoint `<kind>:intent`. Replaces an intent of the same kind and subject.
   */
  begin(intent: NewIntent, alongside?: (database: DatabaseSync) => void): Promise<void>;
  /**
   * Passes the failpoint `<kind>:outcome`, then removes the intent and in the same transaction
   * writes the outcome through `alongside`. Idempotent.
   */
  end(
    intent: Pick<NewIntent, "kind" | "subject">,
    alongside?: (database: DatabaseSync) => void,
  ): Promise<void>;
  /** Gives the intent up without an outcome: it counts as orphaned, and the next recovery tries again. */
  abandon(intent: Pick<NewIntent, "kind" | "subject">): Promise<void>;
  /** Makes an orphaned intent ours; false when somebody else has claimed or ended it. */
  claim(intent: Intent): Promise<boolean>;
  /** Intents whose owner is dead, oldest first; of all kinds or of these. */
  listOrphaned(kinds?: readonly string[]): readonly Intent[];
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
