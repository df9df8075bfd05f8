import { describeCases, describeCasesOnBun } from "../../support/describe-cases.ts";
import { CASES as CONNECTION_CASES } from "./lean-connection-cases.ts";
import { CASES as DIFFERENTIAL_CASES } from "./lean-differential-cases.ts";
import { CASES as HOSTILE_CASES } from "./lean-hostile-cases.ts";
import { CASES as SERVER_CASES } from "./lean-server-cases.ts";

for (const [title, cases, file] of [
  ["the lean exec and our own server", SERVER_CASES, "lean-server-cases.ts"],
  ["the lean exec and its connection", CONNECTION_CASES, "lean-connection-cases.ts"],
  ["the lean exec and a server that means it no good", HOSTILE_CASES, "lean-hostile-cases.ts"],
  ["the lean exec and the other one", DIFFERENTIAL_CASES, "lean-differential-cases.ts"],
] as const) {
  describeCases(title, cases);
  describeCasesOnBun(title, cases, new URL(file, import.meta.url).href);
}
