import { openLeanTransport } from "../../../../src/cri/lean-transport.ts";
import { exchangeContract } from "./exchange-cases.ts";
import { transportContract } from "./transport-contract.ts";

export const CASES = [
  ...transportContract(openLeanTransport),
  ...exchangeContract(openLeanTransport),
];
