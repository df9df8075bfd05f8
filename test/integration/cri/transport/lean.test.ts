import { describeCases, describeCasesOnBun } from "../../../support/describe-cases.ts";
import { CASES } from "./lean-cases.ts";

const TITLE = "the lean transport and a gRPC server";

describeCases(TITLE, CASES);
describeCasesOnBun(TITLE, CASES, new URL("lean-cases.ts", import.meta.url).href);
