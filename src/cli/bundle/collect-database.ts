import type { Collection } from "./collection.ts";

/** The database's own facts: schema, counts, unfinished work and its owners, who has it open. */
export async function collectDatabase({ node, addData }: Collection): Promise<void> {
  addData("database.json", await node.database());
}
