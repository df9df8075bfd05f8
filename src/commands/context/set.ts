import type { Command, CommandInput } from "../../cli/command.ts";
import { changeOwnFile, definedContexts } from "../../cli/contexts/own-contexts.ts";
import { isContextName, type RuntimeContext } from "../../config/runtime-context.ts";
import { parseEndpoint } from "../../cri/parse-endpoint.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";

/** Defines a context, or changes one. */
export const contextSet: Command = {
  spec: {
    name: "context set",
    summary: "give a runtime a name, or change what the name stands for",
    description: [
      "What is not given stays as it was; an empty value takes it away. The name lies in the user's",
      "own file, where it goes before one that is defined for everybody.",
    ].join("\n"),
    examples: [
      {
        line: "crish context set edge -r tcp://10.0.0.7:3737 --timeout 30s",
        meaning: "A runtime on another host",
      },
    ],
    args: [
      {
        name: "name",
        meaning: "letters, digits, . _ and -",
        required: true,
        completion: "runtime-context",
      },
    ],
    flags: [
      {
        name: "runtime-endpoint",
        short: "r",
        type: "string",
        meaning: "CRI socket, or embedded:",
        placeholder: "ENDPOINT",
        completion: "endpoint",
      },
      {
        name: "image-endpoint",
        short: "i",
        type: "string",
        meaning: "CRI socket of the image service, where it is another one",
        placeholder: "ENDPOINT",
        completion: "endpoint",
      },
      {
        name: "timeout",
        short: "t",
        type: "string",
        meaning: "time for each call, as in 30s",
        placeholder: "DURATION",
      },
      { name: "use", type: "boolean", meaning: "use it from now on" },
    ],
    toleratesSettings: true,
    group: "runtime",
  },
  async run(context, { args, flags }) {
    const name = String(args.name);
    if (!isContextName(name)) {
      throw new StatusError("InvalidArgument", `"${name}" is no name for a context`, {
        hint: "take letters, digits, dots, dashes and underscores",
      });
    }
    const known = (await definedContexts(context)).get(name);
    const fields = await changedFields(known, flags);
    if (fields["runtime-endpoint"] === undefined) {
      throw new StatusError("InvalidArgument", `the context "${name}" needs --runtime-endpoint`);
    }
    await changeOwnFile(context, () => [
      ...Object.entries(fields).map(([key, value]) => ({ path: ["contexts", name, key], value })),
      ...(flags.use === true ? [{ path: ["current-context"], value: name }] : []),
    ]);
    if (flags.use === true) context.session.leaveRuntime?.();
    await context.stdout.write(`${name}\n`);
    return EXIT.success;
  },
};

type Fields = Readonly<
  Record<"runtime-endpoint" | "image-endpoint" | "timeout", string | undefined>
>;

/** Throws InvalidArgument for an endpoint or a duration that is none. */
async function changedFields(
  known: RuntimeContext | undefined,
  flags: CommandInput["flags"],
): Promise<Fields> {
  const { parseDuration } = await import("../../config/parse-duration.ts");
  const given = (name: string, before: string | undefined) => {
    const value = flags[name];
    return typeof value === "string" ? value || undefined : before;
  };
  const runtime = given("runtime-endpoint", known?.runtimeEndpoint);
  const image = given("image-endpoint", known?.imageEndpoint);
  const ms = known?.timeoutMs;
  const timeout = given("timeout", ms === undefined ? undefined : `${ms}ms`);
  for (const endpoint of [runtime, image]) if (endpoint !== undefined) parseEndpoint(endpoint);
  if (timeout !== undefined) parseDuration(timeout, "--timeout");
  return { "runtime-endpoint": runtime, "image-endpoint": image, timeout };
}
