import { describeCriContract } from "./describe-cri-contract.ts";
import { embeddedSubject } from "./embedded-subject.ts";

describeCriContract(embeddedSubject("node"));
