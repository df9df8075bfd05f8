import type { ContainerConfig } from "../../cri/gen/runtime/v1/api.ts";
import { parseJsonExactly } from "../../output/json.ts";

/**
 * The configuration with the variables that the process had. A value is text to older runtimes and
 * bytes to newer ones, whose JSON has it in base64: the OCI specification beside it, in which it is
 * always text, tells which one is meant.
 */
export function environmentAsRun(
  config: ContainerConfig,
  info: string | undefined,
): ContainerConfig {
  const told = parseJsonExactly(info ?? "{}") as {
    readonly runtimeSpec?: { readonly process?: { readonly env?: unknown } };
  };
  const env = told.runtimeSpec?.process?.env;
  const ran = new Set<unknown>(Array.isArray(env) ? env : []);
  const envs = config.envs.map(({ key, value }) => {
    const text = Buffer.from(value).toString();
    const decoded = Buffer.from(text, "base64");
    const isEncoded = !ran.has(`${key}=${text}`) && ran.has(`${key}=${decoded.toString()}`);
    return { key, value: isEncoded ? new Uint8Array(decoded) : value };
  });
  return { ...config, envs };
}
