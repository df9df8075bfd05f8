import { StatusError } from "../errors/status-error.ts";
import { toCancelled } from "../host/sleep.ts";
import { RegistryError } from "./registry-error.ts";

/** Error codes of Node and of Bun for the same failures of the network. */
const CONNECTION_FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused the connection",
  ConnectionRefused: "refused the connection",
  ENOTFOUND: "has a host name that is unknown",
  EAI_AGAIN: "has a host name that could not be resolved",
  DNSException: "has a host name that is unknown",
  FailedToOpenSocket: "could not be reached",
  EHOSTUNREACH: "could not be reached",
  ENETUNREACH: "could not be reached",
  ETIMEDOUT: "did not answer in time",
  UND_ERR_CONNECT_TIMEOUT: "did not answer in time",
  ConnectionTimeout: "did not answer in time",
};

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|HOSTNAME_MISMATCH|ERR_TLS/;
const NOT_TLS = /WRONG_VERSION_NUMBER|ERR_SSL|EPROTO|UnexpectedTLS/;

/** What fetch threw, or a body that broke off, as an error that names the registry and no secret. */
export function toRegistryError(
  error: unknown,
  context: { registry: string; signal: AbortSignal | undefined },
): StatusError {
  if (error instanceof StatusError) return error;
  if (context.signal?.aborted) return toCancelled(context.signal, context.signal.reason);
  const { registry } = context;
  const codes = errorCodes(error);
  const known = codes.map((code) => CONNECTION_FAILURES[code]).find((text) => text !== undefined);
  const cause = shallowCause(error);
  if (known !== undefined) {
    return new RegistryError("Unavailable", `the registry "${registry}" ${known}`, {
      registry,
      cause,
      isTransient: known.includes("time"),
    });
  }
  if (codes.some((code) => CERTIFICATE.test(code))) {
    return new RegistryError(
      "Unavailable",
      `the certificate of the registry "${registry}" is not trusted`,
      {
        registry,
        cause,
        hint: "name its authority: as caFile in the runtime's configuration, as ca in containerd's hosts.toml",
      },
    );
  }
  if (codes.some((code) => NOT_TLS.test(code))) {
    return new RegistryError("Unavailable", `the registry "${registry}" does not speak https`, {
      registry,
      cause,
      isWrongScheme: true,
      hint: "mark it as insecure in the runtime's configuration if plain http is meant",
    });
  }
  return new RegistryError(
    "Unavailable",
    `the connection to the registry "${registry}" broke off`,
    {
      registry,
      cause,
      isTransient: true,
    },
  );
}

/** The codes of the error and of what caused it. */
function errorCodes(error: unknown): string[] {
  const codes: string[] = [];
  let current: unknown = error;
  for (let depth = 0; current instanceof Error && depth < 5; depth++) {
    if ("code" in current && typeof current.code === "string") codes.push(current.code);
    if (current instanceof AggregateError) codes.push(...current.errors.flatMap(errorCodes));
    current = current.cause;
  }
  return codes;
}

/** Messages of fetch may hold the URL, whose query of a redirect is often a signature: only the code is kept. */
function shallowCause(error: unknown): Error {
  return new Error(errorCodes(error)[0] ?? "the connection was closed");
}
