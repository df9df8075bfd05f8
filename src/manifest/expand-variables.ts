/**
 * A text with `$(NAME)` replaced by the variable's value, as Kubernetes does in env, command and
 * args: an unknown variable stays as it is written, and `$$` is a `$` that begins nothing.
 */
export function expandVariables(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) => {
    if (whole === "$$") return "$";
    return name !== undefined && Object.hasOwn(variables, name) ? (variables[name] ?? "") : whole;
  });
}
