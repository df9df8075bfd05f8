/**
 * Counts the entries of a database on a disk that may only be read, and says that it takes none more.
 * `--newer` gives it the schema of a newer crish instead.
 */
import { MIGRATIONS } from "../../../src/runtime/state/migrations.ts";
import { openDatabase } from "../../../src/runtime/state/open-database.ts";

const [, , file = "", scratch, mode] = process.argv;
try {
  const newer = [...MIGRATIONS, { additive: false, sql: "" }];
  const database = await openDatabase({
    file,
    mode: "one-shot",
    ...(scratch === undefined ? {} : { scratch }),
    ...(mode === "--newer" ? { migrations: newer } : {}),
  });
  if (mode !== "--newer") {
    const row = database.read((db) => db.prepare("SELECT count(*) AS count FROM meta").get());
    const refused = await database
      .write(() => {})
      .then(
        () => "a write",
        (error: Error) => (/read-only/.test(error.message) ? "no write" : error.message),
      );
    process.stdout.write(`${row?.count}, and ${refused}\n`);
  }
  database.close();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
