import { describeCases, describeCasesOnBun } from "../../../support/describe-cases.ts";
import { CASES } from "./flow-control-cases.ts";

const TITLE = "the lean transport and flow control";

describeCases(TITLE, CASES);
describeCasesOnBun(TITLE, CASES, new URL("flow-control-cases.ts", import.meta.url).href);
