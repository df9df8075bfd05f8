import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import { forwardPorts } from "../cli/port-forward/forward-ports.ts";
import { parsePorts } from "../cli/port-forward/parse-ports.ts";
import { printError } from "../cli/print-error.ts";
import { resolvePod } from "../cli/resolve-objects.ts";
import { readDialOptions, STREAM_FLAGS } from "../cli/stream-flags.ts";
import { EXIT } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";

/** Forwards local ports to a pod. */
export const portForward: Command = {
  spec: {
    name: "port-forward",
    summary: "forward local ports to a pod, until Ctrl-C",
    examples: [
      { line: "crish port-forward web 8080:80", meaning: "http://127.0.0.1:8080 is the pod's 80" },
      { line: "crish port-forward web :80 :443", meaning: "Two ports, to any free local ones" },
    ],
    args: [
      {
        name: "pod",
        meaning: "ID, unique prefix, name, or namespace/name",
        required: true,
        completion: "pod",
      },
      {
        name: "port",
        meaning: "[LOCAL:]REMOTE",
        required: true,
        form: "^\\d*:?\\d+$",
        variadic: true,
        completion: "none",
      },
    ],
    flags: STREAM_FLAGS,
    object: "pod",
    objectStates: ["ready"],
    group: "pods",
  },
  async run(context, { args, flags }) {
    const words = args.port;
    const ports = parsePorts(typeof words === "string" ? [words] : (words ?? []));
    if (ports.length === 0) throw new StatusError("InvalidArgument", "port-forward needs PORT");
    const dial = await readDialOptions(context, flags);
    const pod = await resolvePod(context, String(args.pod));
    const { streams } = await context.backend();
    const request = { podSandboxId: pod.id, port: ports.map(({ remote }) => remote) };
    await forwardPorts({
      ports,
      signal: context.signal,
      session: await streams.portForward(request, { ...callOptions(context), dial }),
      onListening: (address, remote) =>
        context.stdout.write(`Forwarding from ${address} -> ${remote}\n`),
      onConnection: (local) => void context.stdout.write(`Handling connection for ${local}\n`),
      onConnectionError: (error, remote) => {
        const message = `connection to port ${remote} of pod "${pod.metadata?.name ?? pod.id}"`;
        void printError(context.stderr, new StatusError("Unavailable", message, { cause: error }));
      },
    });
    return EXIT.success;
  },
};
