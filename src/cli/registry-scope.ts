import { StatusError } from "../errors/status-error.ts";
import type { AuthScope } from "../registry/auth/auth-key.ts";

/** A registry, or repositories in it, as `login` and `logout` take them. Throws InvalidArgument. */
export async function parseRegistryScope(text: string): Promise<AuthScope> {
  const [{ parseAuthKey }, { parseImageReference }] = await Promise.all([
    import("../registry/auth/auth-key.ts"),
    import("../images/image-reference.ts"),
  ]);
  const scope = parseAuthKey(text);
  try {
    // A name of some repository there must be one of this registry.
    const { registry } = parseImageReference(`${scope.registry}/${scope.path || "any"}`);
    if (registry === scope.registry) return scope;
  } catch {
    // It is told below, in terms of registries.
  }
  throw new StatusError("InvalidArgument", `"${text}" is not a registry`, {
    hint: "as in registry.example, 127.0.0.1:5000 or quay.io/team",
  });
}
