import { openGrpcJsTransport } from "../../../../src/cri/grpc-js-transport.ts";
import { transportContract } from "./transport-contract.ts";

export const CASES = transportContract(openGrpcJsTransport);
