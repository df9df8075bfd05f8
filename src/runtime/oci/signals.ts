import { Signal } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";

/** The first real-time signal that the C library leaves to programs, and the last one. */
const SIGRTMIN = 34;
const SIGRTMAX = 64;

/**
 * The number of a signal by name or number: `TERM`, `SIGTERM`, `15`, `SIGRTMIN+3`, `SIGRTMAX-1`.
 * InvalidArgument for any other text.
 */
export function parseSignal(text: string): number {
  const name = text.trim().toUpperCase();
  const number = /^\d+$/.test(name) ? Number(name) : numberOf(name);
  if (number === undefined || number < 1 || number > SIGRTMAX) {
    throw new StatusError("InvalidArgument", `there is no signal "${text}"`);
  }
  return number;
}

/** The number of CRI's signal; undefined for RUNTIME_DEFAULT. */
export function fromCriSignal(signal: Signal): number | undefined {
  if (signal === Signal.RUNTIME_DEFAULT) return undefined;
  const name = Object.keys(Signal).find((key) => Signal[key as keyof typeof Signal] === signal);
  if (name === undefined || name === "UNRECOGNIZED") {
    throw new StatusError("InvalidArgument", `there is no stop signal ${signal}`);
  }
  return parseSignal(name.replace("PLUS", "+").replace("MINUS", "-"));
}

/** CRI's name for a number; RUNTIME_DEFAULT where it has none. */
export function toCriSignal(number: number): Signal {
  for (const [name, value] of Object.entries(Signal)) {
    if (value <= 0) continue;
    if (numberOf(name.replace("PLUS", "+").replace("MINUS", "-")) === number) return value;
  }
  return Signal.RUNTIME_DEFAULT;
}

function numberOf(name: string): number | undefined {
  const full = name.startsWith("SIG") ? name : `SIG${name}`;
  const realTime = /^SIGRT(MIN|MAX)(?:([+-])(\d+))?$/.exec(full);
  if (realTime !== null) {
    const base = realTime[1] === "MIN" ? SIGRTMIN : SIGRTMAX;
    const offset = Number(realTime[3] ?? 0);
    return realTime[2] === "-" ? base - offset : base + offset;
  }
  const { constants } = process.getBuiltinModule("node:os");
  // Old names that the table lacks.
  if (full === "SIGCLD") return constants.signals.SIGCHLD;
  return (constants.signals as Readonly<Record<string, number>>)[full];
}
