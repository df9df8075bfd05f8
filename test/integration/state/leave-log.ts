/** Writes one entry into a database and another one that stays in its log, says so, and lives on. */
import { openDatabase } from "../../../src/runtime/state/open-database.ts";

const database = await openDatabase({ file: process.argv[2] ?? "", mode: "one-shot" });
await database.write((db) => db.exec("INSERT INTO meta VALUES ('a', '1')"));
await database.write((db) => db.exec("INSERT INTO meta VALUES ('b', '2')"));
process.stdout.write("written\n");
setInterval(() => {}, 60_000);
