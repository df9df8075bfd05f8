import { describeCases, describeCasesOnBun } from "../../../support/describe-cases.ts";
import { CASES } from "./protocol-cases.ts";

const TITLE = "the lean transport and HTTP/2 as it should be";

describeCases(TITLE, CASES);
describeCasesOnBun(TITLE, CASES, new URL("protocol-cases.ts", import.meta.url).href);
