import { containerdSubject } from "./containerd-subject.ts";
import { describeCriContract } from "./describe-cri-contract.ts";

describeCriContract(containerdSubject("v1"));
