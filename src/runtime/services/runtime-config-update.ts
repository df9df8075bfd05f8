import { isIP } from "node:net";
import type {
  UpdateRuntimeConfigRequest,
  UpdateRuntimeConfigResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";

/**
 * UpdateRuntimeConfig: pods get their addresses from the node's network configuration, so that there
 * is nothing to change. InvalidArgument for a pod CIDR, or one of several between commas, that is none.
 */
export function updateRuntimeConfig(
  request: UpdateRuntimeConfigRequest,
): UpdateRuntimeConfigResponse {
  const podCidr = request.runtimeConfig?.networkConfig?.podCidr ?? "";
  if (podCidr === "") return {};
  const wrong = podCidr.split(",").find((cidr) => !isCidr(cidr.trim()));
  if (wrong === undefined) return {};
  throw new StatusError("InvalidArgument", `"${wrong}" is no CIDR`, {
    hint: "a pod CIDR is an address and a length, as in 10.1.2.0/24",
  });
}

function isCidr(text: string): boolean {
  const [, address = "", bits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(bits) <= (family === 4 ? 32 : 128);
}
