import type { RegistryAccess } from "./ask-registry.ts";
import { RegistryError } from "./registry-error.ts";
import { type RegistryPatience, retry } from "./retry.ts";

/**
 * Asks one place after the other until one answers, each again while it fails for a reason that may
 * pass. Rejects with the failure that tells most.
 */
export async function askInOrder<T>(
  accesses: readonly RegistryAccess[],
  options: { patience: RegistryPatience; signal?: AbortSignal | undefined },
  ask: (access: RegistryAccess) => Promise<T>,
): Promise<{ access: RegistryAccess; answer: T }> {
  const failures: Failure[] = [];
  for (const access of accesses) {
    try {
      const answer = await retry(() => ask(access), {
        ...options,
        // A server of the other scheme hangs up: it is asked in that scheme, not again.
        isFinal: (error) => hasOtherScheme(access, accesses) && !isAnswer(error),
      });
      return { access, answer };
    } catch (error) {
      if (!mayBeElsewhere(error, access)) throw error;
      failures.push({ error, isRegistry: access.endpoint.isRegistry });
    }
  }
  throw tellingFailure(failures);
}

/** A mirror's refusal is no answer; the registry's own is, unless it was asked in the wrong scheme. */
function mayBeElsewhere(error: unknown, access: RegistryAccess): boolean {
  if (!(error instanceof RegistryError)) return false;
  if (!access.endpoint.isRegistry) return true;
  return error.httpStatus === undefined || error.httpStatus === 400;
}

interface Failure {
  readonly error: unknown;
  readonly isRegistry: boolean;
}

/** The registry's own failure before a mirror's; of two schemes the one that it speaks. */
function tellingFailure(failures: readonly Failure[]): unknown {
  const own = failures.filter(({ isRegistry }) => isRegistry);
  const spoken = own.filter(
    ({ error }) => !(error instanceof RegistryError && error.isWrongScheme),
  );
  return (spoken.at(-1) ?? own[0] ?? failures[0])?.error;
}

function isAnswer(error: unknown): boolean {
  return error instanceof RegistryError && error.httpStatus !== undefined;
}

function hasOtherScheme(access: RegistryAccess, accesses: readonly RegistryAccess[]): boolean {
  const later = accesses.slice(accesses.indexOf(access) + 1);
  return later.some(({ endpoint }) => endpoint.host === access.endpoint.host);
}
