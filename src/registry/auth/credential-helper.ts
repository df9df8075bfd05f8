import { StatusError } from "../../errors/status-error.ts";
import { findExecutable } from "../../host/find-executable.ts";
import { runProcess } from "../../host/run-process.ts";
import type { Credentials } from "../credentials.ts";
import { toRecord } from "./auth-file.ts";

/**
 * A program that keeps credentials: `docker-credential-NAME`, by the protocol of
 * docker-credential-helpers. All that is secret goes through its stdin and stdout, never through its
 * command line or environment, and what it says in a failure is told without the secret.
 */
export interface CredentialHelper {
  /** Whether the program is there. */
  isInstalled(): boolean;
  /** Undefined where it has none or is not installed. Throws FailedPrecondition where it fails. */
  get(server: string): Promise<Credentials | undefined>;
  /** Throws FailedPrecondition where it fails. */
  store(server: string, credentials: { username: string; password: string }): Promise<void>;
  /** False where it had none. Throws FailedPrecondition where it fails. */
  erase(server: string): Promise<boolean>;
}

const PATIENCE_MS = 30_000;
const MOST_OUTPUT_BYTES = 1024 * 1024;
const NOT_FOUND = /credentials not found/i;

/** Throws InvalidArgument for what is no name; whether the program is there, its use tells. */
export function openCredentialHelper(
  name: string,
  { signal }: { readonly signal?: AbortSignal | undefined },
): CredentialHelper {
  if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    throw new StatusError("InvalidArgument", `"${name}" is no name of a credential helper`);
  }
  const program = `docker-credential-${name}`;
  const run = async (action: string, input: string) => {
    const { exitCode, stdout, stderr } = await runProcess(program, [action], {
      input,
      timeoutMs: PATIENCE_MS,
      maxOutputBytes: MOST_OUTPUT_BYTES,
      // It stays in this process's own group, so that it can ask on the terminal.
      killsDescendants: true,
      ...(signal === undefined ? {} : { signal }),
    });
    // Helpers write their errors to either stream.
    const said = () => `${stdout}\n${stderr}`.trim();
    return { isDone: exitCode === 0, output: stdout.toString("utf8"), said };
  };
  const isInstalled = () => findExecutable(program) !== undefined;
  return {
    isInstalled,
    async get(server) {
      // Images that everybody may pull need no helper: its absence is told where something is kept.
      if (!isInstalled()) return undefined;
      const { isDone, output, said } = await run("get", server);
      if (isDone) return parseAnswer(output, program);
      // Some end with 1 and without a word where they have none.
      if (said() === "" || NOT_FOUND.test(said())) return undefined;
      throw refusal(program, "give credentials", said(), undefined);
    },
    async store(server, { username, password }) {
      const request = { ServerURL: server, Username: username, Secret: password };
      const { isDone, said } = await run("store", JSON.stringify(request));
      if (!isDone) throw refusal(program, "keep the credentials", said(), password);
    },
    async erase(server) {
      const { isDone, said } = await run("erase", server);
      if (!isDone && !NOT_FOUND.test(said())) {
        throw refusal(program, "forget the credentials", said(), undefined);
      }
      return isDone;
    },
  };
}

function parseAnswer(text: string, program: string): Credentials | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    // What it wrote may be a secret in another form.
    throw refusal(program, "give credentials", "its answer is not JSON", undefined);
  }
  const { Username: username, Secret: secret } = toRecord(answer);
  if (typeof username !== "string" || typeof secret !== "string") return undefined;
  return username === "<token>" ? { identityToken: secret } : { username, password: secret };
}

function refusal(
  program: string,
  what: string,
  said: string,
  secret: string | undefined,
): StatusError {
  const line = said.split("\n", 1)[0] ?? "";
  const shown = secret ? line.replaceAll(secret, "***") : line;
  const reason = shown === "" ? "" : `: ${shown.slice(0, 200)}`;
  return new StatusError("FailedPrecondition", `"${program}" did not ${what}${reason}`);
}
