import packageFile from "../../../package.json" with { type: "json" };
import type { VersionResponse } from "../../cri/gen/runtime/v1/api.ts";

/** Version: the API of the answer itself is 0.1.0 since CRI began. */
export function version(): VersionResponse {
  return {
    version: "0.1.0",
    runtimeName: "crish",
    runtimeVersion: packageFile.version,
    runtimeApiVersion: "v1",
  };
}
