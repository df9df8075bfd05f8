import type { CriBackend } from "../cri/backend.ts";
import { StatusError } from "../errors/status-error.ts";
import type { OpenBackendOptions } from "./backend-pool.ts";

/** TEMPORARY: endpoints are opened as soon as the rooms behind them are there. */
export async function openBackend(_options: OpenBackendOptions): Promise<CriBackend> {
  throw new StatusError("Unimplemented", "no backend yet");
}
