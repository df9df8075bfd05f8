import type { Candidate } from "./candidate.ts";

/** Registries that the user's files have credentials for. Nothing where one cannot be read. */
export async function registryCandidates(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Candidate[]> {
  const [{ formatAuthKey }, { authPlaces }, { keptScopes }] = await Promise.all([
    import("../../registry/auth/auth-key.ts"),
    import("../../registry/auth/auth-places.ts"),
    import("../../registry/auth/keep-credentials.ts"),
  ]);
  const places = authPlaces(env, env.REGISTRY_AUTH_FILE || undefined);
  const scopes = await keptScopes(places).catch(() => []);
  return scopes.map((scope) => ({ text: formatAuthKey(scope, "containers") }));
}
