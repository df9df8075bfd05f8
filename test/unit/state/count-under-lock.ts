/** Adds to the counter in `meta` under one lock, so many times: started as a process of its own. */
import { currentProcess } from "../../../src/host/process-identity.ts";
import { openDatabase } from "../../../src/runtime/state/open-database.ts";
import { openLocks } from "../../../src/runtime/state/open-locks.ts";

const [, , file = "", times = "1"] = process.argv;
const database = await openDatabase({ file, mode: "one-shot" });
const locks = openLocks({ database, self: currentProcess() });
for (let i = 0; i < Number(times); i++) {
  await locks.withLock("count", {}, async () => {
    const row = database.read((db) => db.prepare("SELECT value FROM meta").get());
    await new Promise((resolve) => setTimeout(resolve, 1));
    await database.write((db) =>
      db.prepare("UPDATE meta SET value = ?").run(String(Number(row?.value) + 1)),
    );
  });
}
database.close();
