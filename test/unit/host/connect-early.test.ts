import { describeCases, describeCasesOnBun } from "../../support/describe-cases.ts";
import { CASES } from "./connect-early-cases.ts";

const TITLE = "a connection made for somebody who is not there yet";

describeCases(TITLE, CASES);
describeCasesOnBun(TITLE, CASES, new URL("connect-early-cases.ts", import.meta.url).href);
