import { describeCases, describeCasesOnBun } from "../../support/describe-cases.ts";
import { CASES } from "./read-text-cases.ts";

const TITLE = "the text of a file";

describeCases(TITLE, CASES);
describeCasesOnBun(TITLE, CASES, new URL("read-text-cases.ts", import.meta.url).href);
