import { describeCases, describeCasesOnBun } from "../../../support/describe-cases.ts";
import { CASES } from "./grpc-js-cases.ts";

const TITLE = "the grpc-js transport and a gRPC server";

describeCases(TITLE, CASES);
describeCasesOnBun(TITLE, CASES, new URL("grpc-js-cases.ts", import.meta.url).href);
