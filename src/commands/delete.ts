import { FILE_FLAG, NAMESPACE_FLAG } from "../cli/apply/manifest-flags.ts";
import { namedFiles } from "../cli/apply/named-files.ts";
import type { Command } from "../cli/command.ts";
import { StatusError } from "../errors/status-error.ts";

/** Removes pods that apply has made. */
export const deleteVerb: Command = {
  spec: {
    name: "delete",
    summary: "remove pods that apply has made, with their volumes and logs",
    description: [
      "Of manifests only kind, name and namespace are read. Containers get the grace of their pod to",
      "end, sidecars after the others. A pod that apply has not made is left to rmp.",
    ].join("\n"),
    examples: [
      { line: "crish delete -f pod.yaml", meaning: "The pods that the file names" },
      { line: "crish delete pod/web", meaning: "One pod, by name" },
    ],
    args: [
      {
        name: "pod",
        meaning: "pod/NAME, or ID, unique prefix, name, namespace/name",
        required: true,
        unless: ["filename"],
        variadic: true,
        completion: "pod",
      },
    ],
    flags: [
      FILE_FLAG,
      NAMESPACE_FLAG,
      {
        name: "grace-period",
        type: "integer",
        meaning: "seconds to end in (default: the pod's own); 0 kills at once",
        placeholder: "SECONDS",
      },
      {
        name: "ignore-not-found",
        type: "boolean",
        meaning: "a pod that is not there is no failure",
      },
    ],
    object: "pod",
    destroys: "delete",
    group: "pods",
  },
  async run(context, { args, flags }) {
    const grace = flags["grace-period"];
    if (typeof grace === "number" && grace < 0) {
      throw new StatusError("InvalidArgument", "--grace-period is negative");
    }
    const { deletePods } = await import("../cli/apply/delete-pods.ts");
    return await deletePods(context, {
      spec: deleteVerb.spec,
      references: namedFiles(args.pod, undefined),
      files: namedFiles(undefined, flags.filename),
      flags,
    });
  },
};
