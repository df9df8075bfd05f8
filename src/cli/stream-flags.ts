/** Flags of the verbs that open a stream to a container or a pod. */
import type { DialOptions } from "../cri/backend.ts";
import { errnoText } from "../errors/errno-text.ts";
import { StatusError } from "../errors/status-error.ts";
import { readText } from "../host/read-text.ts";
import type { CommandInput, FlagSpec } from "./command.ts";
import type { Context } from "./context.ts";

export const STREAM_FLAGS: readonly FlagSpec[] = [
  {
    name: "transport",
    short: "r",
    type: "enum",
    values: ["spdy", "websocket"],
    meaning: "protocol to the runtime's streaming server (default: what fits)",
    placeholder: "PROTOCOL",
  },
  {
    name: "tls-sni",
    aliases: ["tls-server-name"],
    type: "string",
    meaning: "name that the streaming server's certificate bears (default localhost)",
    placeholder: "NAME",
  },
  { name: "tls-ca", type: "path", meaning: "CA file for TLS streaming", placeholder: "FILE" },
  {
    name: "tls-cert",
    type: "path",
    meaning: "client certificate for TLS streaming",
    placeholder: "FILE",
  },
  { name: "tls-key", type: "path", meaning: "its key", placeholder: "FILE" },
];

/** What STREAM_FLAGS say. Throws InvalidArgument for half a pair, and for a file that cannot be read. */
export async function readDialOptions(
  context: Context,
  flags: CommandInput["flags"],
): Promise<DialOptions> {
  const { transport } = flags;
  if (Boolean(flags["tls-cert"]) !== Boolean(flags["tls-key"])) {
    throw new StatusError("InvalidArgument", "--tls-cert and --tls-key go together");
  }
  const [ca, cert, key] = ["tls-ca", "tls-cert", "tls-key"].map((name) =>
    readPem(context, name, flags[name]),
  );
  const serverName = flags["tls-sni"];
  const tls = {
    ...(typeof serverName === "string" && serverName !== "" ? { serverName } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  return {
    ...(transport === "spdy" || transport === "websocket" ? { transport } : {}),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
  };
}

function readPem(
  context: Context,
  name: string,
  path: CommandInput["flags"][string],
): string | undefined {
  if (typeof path !== "string" || path === "") return undefined;
  try {
    const { resolve } = process.getBuiltinModule("node:path");
    return readText(resolve(context.cwd, path));
  } catch (error) {
    const message = `--${name}: cannot read "${path}": ${errnoText(error)}`;
    throw new StatusError("InvalidArgument", message);
  }
}
