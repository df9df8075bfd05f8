import type { MessageName } from "../cri/json/field-table.ts";
import { EXIT } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";
import { renderJson } from "../output/json.ts";
import type { Command, FlagSpec } from "./command.ts";

const POD_FLAG: FlagSpec = {
  name: "pod",
  short: "p",
  type: "boolean",
  meaning: "of the pod's file (PodSandboxConfig)",
};
const CONTAINER_FLAG: FlagSpec = {
  name: "container",
  short: "c",
  type: "boolean",
  meaning: "of the container's file (ContainerConfig)",
};

/** `jsonschema` behind a verb that takes a pod's file. */
export function podSchemaCommand(verb: string): Command {
  return schemaCommand(verb, [], () => ["PodSandboxConfig"]);
}

/** `jsonschema` behind a verb that takes a container's file and a pod's. */
export function bothSchemasCommand(verb: string): Command {
  return schemaCommand(verb, [POD_FLAG, CONTAINER_FLAG], (isGiven) => {
    const wanted: MessageName[] = [
      ...(isGiven("pod") ? (["PodSandboxConfig"] as const) : []),
      ...(isGiven("container") ? (["ContainerConfig"] as const) : []),
    ];
    if (wanted.length > 0) return wanted;
    throw new StatusError("InvalidArgument", `${verb} jsonschema needs --pod or --container`);
  });
}

function schemaCommand(
  verb: string,
  flags: readonly FlagSpec[],
  choose: (isGiven: (flag: string) => boolean) => readonly MessageName[],
): Command {
  const example = ["crish", verb, "jsonschema", ...(flags.length === 0 ? [] : ["--container"])];
  return {
    spec: {
      name: `${verb} jsonschema`,
      aliases: ["js"],
      summary: "print the JSON Schema of a configuration file",
      description: [
        "The draft is 2020-12, which editors and validators know. It allows for what crish reads:",
        "names of fields as in container_port and as in containerPort, enumerations by name or number.",
        `What is called jsonschema itself is meant behind --, as in ${verb} -- jsonschema.`,
      ].join("\n"),
      examples: [{ line: `${example.join(" ")} > schema.json`, meaning: "For an editor" }],
      args: [],
      flags,
      toleratesSettings: true,
      group: "containers",
    },
    async run({ stdout }, input) {
      const messages = choose((flag) => input.flags[flag] === true);
      const { jsonSchemaOf } = await import("../cri/json/json-schema.ts");
      for (const message of messages) await stdout.write(renderJson(jsonSchemaOf(message)));
      return EXIT.success;
    },
  };
}
