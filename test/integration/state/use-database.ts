/**
 * A crish with a schema of its own, as a process: opens the database, says `open`, and when its stdin
 * ends writes and reads as the schema that it knows, and says `went on`. `--migrate` ends after opening.
 */
import { text } from "node:stream/consumers";
import type { Migration } from "../../../src/runtime/state/migrations.ts";
import { openDatabase } from "../../../src/runtime/state/open-database.ts";

const [, , file = "", steps = "[]", mode] = process.argv;
const migrations = JSON.parse(steps) as Migration[];
try {
  const database = await openDatabase({ file, mode: "one-shot", migrations });
  // Who only looks is not connected.
  if (mode !== "--migrate") await database.write(() => {});
  process.stdout.write("open\n");
  if (mode !== "--migrate") {
    await text(process.stdin);
    await database.write((db) => db.exec("INSERT INTO pods VALUES ('p', 'one')"));
    const row = database.read((db) => db.prepare("SELECT count(*) AS count FROM pods").get());
    process.stdout.write(`went on with ${row?.count}\n`);
  }
  database.close();
} catch (error) {
  const { message, hint } = error as Error & { hint?: string };
  process.stderr.write(`${message}\n${hint}\n`);
  process.exitCode = 1;
}
