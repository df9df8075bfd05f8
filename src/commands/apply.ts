import { FILE_FLAG, NAMESPACE_FLAG, SHOW_SECRETS_FLAG } from "../cli/apply/manifest-flags.ts";
import { namedFiles } from "../cli/apply/named-files.ts";
import type { Command } from "../cli/command.ts";
import { REGISTRY_FLAGS } from "../cli/flag-sets.ts";
import { StatusError } from "../errors/status-error.ts";

/** Makes pods from Kubernetes manifests. */
export const apply: Command = {
  spec: {
    name: "apply",
    summary: "make pods from Kubernetes manifests",
    description: [
      "Reads Pods, and the ConfigMaps and Secrets that they use, from YAML or JSON, and makes what a",
      "kubelet would: volumes, sandbox, init containers in their order, containers. A pod that is",
      "there is left alone where nothing has changed; one that differs is replaced with --replace",
      "alone. A failure undoes the pod it is of, and so does Ctrl-C, unless --keep was given.",
      "",
      "There is no controller: nobody looks after the pod when the command has ended. While it runs,",
      "it starts a container once more that ends with another status than 0, unless the pod's",
      "restartPolicy is Never: init containers always, the others while --wait looks at them. With",
      "--wait running and restartPolicy Always that holds for status 0 too. What fails a second time",
      "fails the command; a pod that was told as created stays then, for its logs.",
      "",
      "Probes, preStop hooks and what else is not done are told one by one. Containers that say",
      "nothing of seccomp get the runtime's profile.",
    ].join("\n"),
    examples: [
      { line: "crish apply -f pod.yaml", meaning: "One file, of any number of documents" },
      { line: "crish apply -f - --wait completed", meaning: "From a pipe, until it has ended" },
      { line: "crish apply --dry-run -f manifests/", meaning: "What the runtime would be handed" },
    ],
    args: [
      {
        name: "file",
        meaning: "YAML or JSON of Kubernetes objects; - for stdin",
        required: true,
        unless: ["filename"],
        variadic: true,
        completion: "file",
      },
    ],
    flags: [
      FILE_FLAG,
      NAMESPACE_FLAG,
      { name: "replace", type: "boolean", meaning: "remove a pod that differs, and make it anew" },
      {
        name: "keep",
        type: "boolean",
        meaning: "leave behind what was made where something fails",
      },
      {
        name: "wait",
        type: "enum",
        values: ["running", "completed"],
        meaning: "until all containers run, or have ended with status 0",
        placeholder: "STATE",
      },
      {
        name: "timeout",
        type: "duration",
        meaning: "time for each pod, pulls and waiting included (default: none)",
        placeholder: "DURATION",
      },
      { name: "dry-run", type: "boolean", meaning: "only print the configurations, for CRI" },
      {
        name: "output",
        short: "o",
        type: "enum",
        values: ["yaml", "json"],
        meaning: "format of --dry-run (default yaml)",
        placeholder: "FORMAT",
      },
      SHOW_SECRETS_FLAG,
      ...REGISTRY_FLAGS,
    ],
    changes: true,
    group: "pods",
  },
  async run(context, { args, flags }) {
    if (flags.output !== undefined && flags["dry-run"] !== true) {
      throw new StatusError("InvalidArgument", "-o has a meaning with --dry-run alone", {
        hint: "crish generate prints the manifest of a pod",
      });
    }
    const { applyPods } = await import("../cli/apply/apply-pods.ts");
    return await applyPods(context, namedFiles(args.file, flags.filename), flags);
  },
};
