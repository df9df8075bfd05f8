import type {
  AuthConfig,
  PullImageRequest,
  PullImageResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import type { CallOptions } from "../../cri/services.ts";
import { parseImageReference } from "../../images/image-reference.ts";
import { type Credentials, decodeBasic } from "../../registry/credentials.ts";
import type { Engine } from "../engine.ts";
import { pullImage as pull } from "../images/pull-image.ts";

/** PullImage: without a deadline of the caller's it takes as long as bytes come. */
export async function pullImage(
  engine: Engine,
  request: PullImageRequest,
  options: CallOptions = {},
): Promise<PullImageResponse> {
  const reference = request.image?.image ?? "";
  const { registry } = parseImageReference(reference);
  const credentials =
    request.auth === undefined ? undefined : toCredentials(request.auth, registry);
  const image = await pull(engine, { reference, credentials, ...options });
  return { imageRef: image.id };
}

/** Undefined where the credentials are for another server or there are none. */
function toCredentials(auth: AuthConfig, registry: string): Credentials | undefined {
  if (auth.serverAddress !== "" && hostOf(auth.serverAddress) !== registry) return undefined;
  if (auth.registryToken !== "") return { registryToken: auth.registryToken };
  if (auth.identityToken !== "") return { identityToken: auth.identityToken };
  if (auth.username !== "") return { username: auth.username, password: auth.password };
  return auth.auth === "" ? undefined : decodeBasic(auth.auth);
}

/** `https://index.docker.io/v1/` stands for Docker Hub. */
function hostOf(address: string): string {
  const host = address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return host === "index.docker.io" || host === "registry-1.docker.io" ? "docker.io" : host;
}
