import { describeCases, describeCasesOnBun } from "../../../support/describe-cases.ts";
import { CASES } from "./load-cases.ts";

const TITLE = "the lean transport under load";

describeCases(TITLE, CASES);
describeCasesOnBun(TITLE, CASES, new URL("load-cases.ts", import.meta.url).href);
