import { describeCases, describeCasesOnBun } from "../../support/describe-cases.ts";
import { CASES } from "./connect-socket-cases.ts";

const TITLE = "a connected socket";

describeCases(TITLE, CASES);
describeCasesOnBun(TITLE, CASES, new URL("connect-socket-cases.ts", import.meta.url).href);
