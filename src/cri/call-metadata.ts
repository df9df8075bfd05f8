import { StatusError } from "../errors/status-error.ts";

/** Set by the transports themselves. */
const RESERVED = /^(grpc-.*|te|content-type|user-agent|host|connection)$/;

/**
 * A call's metadata as it goes on the wire, names in lower case. Throws InvalidArgument for a name or
 * a value that cannot be sent, the value of a name that ends in `-bin` being base64.
 */
export function callMetadata(
  metadata: Readonly<Record<string, string>> | undefined,
): readonly (readonly [string, string])[] {
  if (metadata === undefined) return NONE;
  return Object.entries(metadata).map(([key, value]) => {
    const name = key.toLowerCase();
    if (!/^[0-9a-z_.-]+$/.test(name) || RESERVED.test(name)) {
      throw new StatusError("InvalidArgument", `"${key}" cannot be a key of metadata`);
    }
    const isBinary = name.endsWith("-bin");
    if (!(isBinary ? /^[0-9A-Za-z+/]*={0,2}$/ : /^[ -~]*$/).test(value)) {
      const wanted = isBinary ? "base64" : "printable ASCII";
      throw new StatusError("InvalidArgument", `the metadata "${key}" is not ${wanted}`);
    }
    return [name, value];
  });
}

const NONE: readonly (readonly [string, string])[] = [];
