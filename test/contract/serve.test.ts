import { describeCriContract } from "./describe-cri-contract.ts";
import { serveSubject } from "./serve-subject.ts";

describeCriContract(serveSubject());
