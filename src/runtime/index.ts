/** The door of the embedded runtime: nothing else of it may be imported from outside. */
import type { CriBackend } from "../cri/backend.ts";
import { StatusError } from "../errors/status-error.ts";
import type { Logger } from "./engine.ts";

export interface EmbeddedOptions {
  readonly root: string;
  readonly state: string;
  /** The runtime's own configuration; the default file where absent. */
  readonly configFile?: string | undefined;
  readonly mode: "one-shot" | "serve";
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** PLACEHOLDER until the services are assembled: whoever assembles them replaces this file. */
export async function openEmbedded(_options: EmbeddedOptions): Promise<CriBackend> {
  throw new StatusError("Unimplemented", "the embedded runtime is not there yet");
}
