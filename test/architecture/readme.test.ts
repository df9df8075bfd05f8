import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { readmeWithCommands } from "../../scripts/readme-commands.ts";
import { projectRoot } from "./import-graph.ts";

it("README.md lists the commands as the command table has them", async () => {
  const expected = await readmeWithCommands();
  const actual = readFileSync(join(projectRoot, "README.md"), "utf8");
  assert.equal(actual, expected, "node scripts/readme-commands.ts writes it");
});
