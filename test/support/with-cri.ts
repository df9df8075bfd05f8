import type { CriBackend } from "../../src/cri/backend.ts";
import { openRemote } from "../../src/cri/remote-backend.ts";

/** Does the work with a connection to that CRI socket, and closes it. */
export async function withCri<T>(
  endpoint: string,
  work: (backend: CriBackend) => Promise<T>,
): Promise<T> {
  const options = { runtimeEndpoint: endpoint, connectTimeoutMs: 5000, maxRetries: 0 };
  const backend = await openRemote(options);
  try {
    return await work(backend);
  } finally {
    await backend.close();
  }
}
