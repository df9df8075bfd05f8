import { SHOW_SECRETS_FLAG } from "../cli/apply/manifest-flags.ts";
import type { Command } from "../cli/command.ts";
import { documentFlags } from "../cli/flag-sets.ts";
import { listOf } from "../cli/inspect-each.ts";
import { resolvePods } from "../cli/resolve-objects.ts";

/** Prints the manifests of pods. */
export const generate: Command = {
  spec: {
    name: "generate",
    summary: "print the Kubernetes manifest of pods",
    description: [
      "Of a pod that apply has made it is what was applied, with its ConfigMaps; Secrets are printed",
      "with --show-secrets alone. Of another one, a kubelet's too, it is what the configurations of",
      "its sandbox and containers say, where the runtime tells them, as containerd and the embedded",
      "one do: variables have the values that they had, wherever those came from.",
    ].join("\n"),
    examples: [
      { line: "crish generate web", meaning: "What apply makes the pod from" },
      { line: "crish generate web -o json", meaning: "As JSON" },
      {
        line: "crish generate web -o jsonpath='{.spec.containers[*].image}'",
        meaning: "Images of a pod that has no objects beside it",
      },
    ],
    args: [
      {
        name: "pod",
        meaning: "ID, unique prefix, name, or namespace/name",
        required: true,
        variadic: true,
        completion: "pod",
      },
    ],
    flags: [...documentFlags([], "yaml"), SHOW_SECRETS_FLAG],
    object: "pod",
    group: "pods",
  },
  async run(context, { args, flags }) {
    const { printManifests } = await import("../cli/apply/print-manifests.ts");
    return await printManifests(context, await resolvePods(context, listOf(args.pod)), flags);
  },
};
