import { hasCode } from "../../errors/status-error.ts";
import type { Database } from "./database.ts";
import type { Intents, NewIntent } from "./intents.ts";

/**
 * Begins the intent of work that itself writes nothing beside the database. A disk that is full or
 * may only be read takes no intent: then the work does without, and false is returned, as that is
 * no reason to refuse what may help to mend it.
 */
export async function beginWherePossible(
  { database, intents }: { readonly database: Database; readonly intents: Intents },
  intent: NewIntent,
): Promise<boolean> {
  if (database.isReadOnly) return false;
  try {
    await intents.begin(intent);
    return true;
  } catch (error) {
    if (hasCode(error, "ResourceExhausted")) return false;
    throw error;
  }
}
