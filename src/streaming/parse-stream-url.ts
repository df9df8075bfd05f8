import { StatusError } from "../errors/status-error.ts";

/** The URL that Exec, Attach or PortForward returned. Throws InvalidArgument. */
export function parseStreamUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new StatusError("InvalidArgument", `streaming URL "${text}" is not http or https`);
  }
  return url;
}
