import { backendLists } from "../cli/complete/backend-lists.ts";
import type { CandidateSource } from "../cli/complete/candidate.ts";
import { hostFiles } from "../cli/complete/host-files.ts";
import { hostPrograms } from "../cli/complete/host-programs.ts";
import { createLiveSource } from "../cli/complete/live-source.ts";
import type { Session } from "../cli/context.ts";
import type { CriBackend } from "../cri/backend.ts";

export interface LiveCandidatesOptions {
  /** The backend that commands use now. */
  backend(): Promise<CriBackend>;
  readonly session: Session;
}

/** What typing may wait for the backend. */
const PATIENCE_MS = 80;
/** A call that takes longer helps nobody any more. */
const CALL_TIMEOUT_MS = 5000;

/** Candidates for a shell: those of the backend, and the files of this host. */
export function createLiveCandidates({ backend, session }: LiveCandidatesOptions): CandidateSource {
  const { cwd, env, signal } = session;
  return createLiveSource({
    lists: backendLists(backend, { timeoutMs: CALL_TIMEOUT_MS, signal }),
    env,
    patienceMs: PATIENCE_MS,
    files: ({ prefix, isProgram }) =>
      isProgram === true && !prefix.includes("/")
        ? hostPrograms(prefix, env.PATH)
        : hostFiles(prefix, { cwd, home: env.HOME }),
  });
}
