import type { Command } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { embeddedPlaces } from "../cli/embedded-places.ts";
import { formatLogLine } from "../cli/format-log-line.ts";
import { parseEndpoint } from "../cri/parse-endpoint.ts";
import { describe } from "../errors/describe.ts";
import { StatusError } from "../errors/status-error.ts";

/** Time for the calls under way when the server is told to end. */
const DRAIN_MS = 10_000;

/** Exposes the embedded runtime as a CRI server until it is told to end. */
export const serve: Command = {
  spec: {
    name: "serve",
    summary: "serve the embedded runtime over CRI on a socket",
    description:
      "Answers RuntimeService and ImageService of CRI v1 with the embedded runtime, for kubelet, " +
      "crictl or another crish. SIGTERM and Ctrl-C let the calls under way finish for ten seconds; " +
      "containers go on without it. Only root and the group of the socket may connect.",
    examples: [
      { line: "crish serve", meaning: "On crish.sock in the state directory" },
      { line: "crish serve --listen unix:///run/crish/cri.sock", meaning: "On another socket" },
    ],
    args: [],
    flags: [
      {
        name: "listen",
        type: "string",
        meaning: "unix:///PATH, or tcp://HOST:PORT on the loopback interface",
        placeholder: "ENDPOINT",
      },
    ],
    group: "runtime",
  },
  async run(context, { flags }) {
    requireEmbedded(context);
    const { env, signal } = context;
    const places = embeddedPlaces(env);
    const fallback = `unix://${places.state}/crish.sock`;
    const listen = typeof flags.listen === "string" ? flags.listen : fallback;
    parseEndpoint(listen);
    const { openEmbedded } = await import("../runtime/index.ts");
    const { serve: startServer } = await import("../server/serve.ts");
    const debug = debugLine(context);
    const warn = (message: string, facts?: Readonly<Record<string, unknown>>) =>
      void context.stderr.write(`${formatLogLine(message, facts)}\n`);
    const backend = await openEmbedded({
      ...places,
      mode: "serve",
      log: { debug, warn },
      // Not the command's: calls under way go on while the server drains.
      signal: new AbortController().signal,
    });
    try {
      const server = await startServer(backend, {
        listen,
        onCallEnd: ({ method, elapsedMs, error }) =>
          debug(method, {
            ms: Math.round(elapsedMs),
            ...(error === undefined ? {} : { error: describe(error).message }),
          }),
      });
      await context.stderr.write(`serving CRI on ${server.endpoint}\n`);
      await whenAborted(signal);
      await server.close(DRAIN_MS);
    } finally {
      await backend.close();
    }
    return 0;
  },
};

function requireEmbedded({ session }: Context): void {
  const endpoint = session.globalFlags["runtime-endpoint"];
  if (typeof endpoint !== "string" || parseEndpoint(endpoint).kind === "embedded") return;
  throw new StatusError("InvalidArgument", `serve cannot expose "${endpoint}"`, {
    hint: "it serves the embedded runtime alone: leave --runtime-endpoint out",
  });
}

function debugLine(context: Context) {
  return (message: string, facts?: Readonly<Record<string, unknown>>) => {
    if (context.settings.debug)
      void context.stderr.write(`debug: ${formatLogLine(message, facts)}\n`);
  };
}

function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
