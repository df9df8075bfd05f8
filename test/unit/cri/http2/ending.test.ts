import { describeCases, describeCasesOnBun } from "../../../support/describe-cases.ts";
import { CASES } from "./ending-cases.ts";

const TITLE = "the lean transport and the end of calls";

describeCases(TITLE, CASES);
describeCasesOnBun(TITLE, CASES, new URL("ending-cases.ts", import.meta.url).href);
