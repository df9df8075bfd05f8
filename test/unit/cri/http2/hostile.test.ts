import { describeCases, describeCasesOnBun } from "../../../support/describe-cases.ts";
import { CASES } from "./hostile-cases.ts";

const TITLE = "the lean transport and a server that means it no good";

describeCases(TITLE, CASES);
describeCasesOnBun(TITLE, CASES, new URL("hostile-cases.ts", import.meta.url).href);
