/** The values of run's flags, as docker run writes them, to what CRI wants. All throw InvalidArgument. */
import { isAbsolute, resolve } from "node:path";
import { createMessage } from "../../cri/create-message.ts";
import { KeyValue, Mount, type PortMapping, Protocol } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";

/** `KEY=VALUE`, or `KEY` for the value that the caller's environment has; nothing where it has none. */
export function parseEnv(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): KeyValue[] {
  return words.flatMap((word) => {
    const equals = word.indexOf("=");
    if (equals === 0 || word === "") throw wrong("-e", "KEY=VALUE", word);
    if (equals > 0) return [variable(word.slice(0, equals), word.slice(equals + 1))];
    const value = env[word];
    return value === undefined ? [] : [variable(word, value)];
  });
}

/** `HOST:CONTAINER[:ro|rw]`; a host path may be relative to the working directory. */
export function parseVolume(word: string, cwd: string): Mount {
  const [host, container, mode = "rw", extra] = word.split(":");
  const isMode = mode === "ro" || mode === "rw";
  if (!host || !container || !isMode || extra !== undefined || !isAbsolute(container)) {
    throw wrong("-v", "HOST:CONTAINER[:ro]", word);
  }
  return createMessage(Mount, {
    hostPath: resolve(cwd, host),
    containerPath: container,
    readonly: mode === "ro",
  });
}

/** `[[IP:]HOST:]CONTAINER[/tcp|udp|sctp]`; a container port alone means the same port on the node. */
export function parsePublish(word: string): PortMapping {
  const match =
    /^(?:(?:(\[[0-9a-fA-F:]+\]|[\d.]+):)?(\d{1,5}):)?(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(word);
  const containerPort = Number(match?.[3]);
  const hostPort = match?.[2] === undefined ? containerPort : Number(match[2]);
  const inRange = [containerPort, hostPort].every((port) => port >= 1 && port <= 65_535);
  if (match === null || !inRange) throw wrong("-p", "[[IP:]HOST:]CONTAINER[/PROTOCOL]", word);
  const protocol = { tcp: Protocol.TCP, udp: Protocol.UDP, sctp: Protocol.SCTP }[match[4] ?? "tcp"];
  return {
    protocol: protocol ?? Protocol.TCP,
    containerPort,
    hostPort,
    hostIp: (match[1] ?? "").replace(/^\[|\]$/g, ""),
  };
}

/** Microseconds of each period of 100 ms. */
export function parseCpus(word: string): bigint {
  const cpus = /^\d*\.?\d+$/.test(word) ? Number(word) : Number.NaN;
  if (!(cpus >= 0.01)) throw wrong("--cpus", "a number such as 1.5", word);
  return BigInt(Math.round(cpus * 100_000));
}

/** A number, a name, either with a numeric group behind a colon. */
export function parseUser(word: string): {
  runAsUser?: { value: bigint };
  runAsUsername?: string;
  runAsGroup?: { value: bigint };
} {
  const match = /^([^:]+)(?::(\d+))?$/.exec(word);
  const user = match?.[1];
  if (match === null || user === undefined) throw wrong("--user", "USER[:GID]", word);
  return {
    ...(/^\d+$/.test(user) ? { runAsUser: { value: BigInt(user) } } : { runAsUsername: user }),
    ...(match[2] === undefined ? {} : { runAsGroup: { value: BigInt(match[2]) } }),
  };
}

/** `KEY=VALUE`; the value may be anything, commas too. */
export function parseRunLabels(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const equals = word.indexOf("=");
      if (equals <= 0) throw wrong("--label", "KEY=VALUE", word);
      return [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
}

function variable(key: string, value: string): KeyValue {
  return createMessage(KeyValue, { key, value: Buffer.from(value) });
}

function wrong(flag: string, wanted: string, word: string): StatusError {
  return new StatusError("InvalidArgument", `${flag} wants ${wanted}, not "${word}"`);
}
