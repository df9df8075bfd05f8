import type { PodSandbox } from "../../cri/gen/runtime/v1/api.ts";
import { EXIT, toExitCode } from "../../errors/exit-code.ts";
import { escapeControl } from "../../output/escape-control.ts";
import { renderJson, renderJsonLine } from "../../output/json.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { parseFormat } from "../output-format.ts";
import { prepareTemplate } from "../prepare-template.ts";
import { printError } from "../print-error.ts";
import type { Resolved } from "../resolve-objects.ts";
import { generatePod } from "./generate-pod.ts";

/** Prints what makes the pods again, all in one text that apply takes. Resolves to the status. */
export async function printManifests(
  context: Context,
  items: readonly Resolved<PodSandbox>[],
  flags: CommandInput["flags"],
): Promise<number> {
  const render = await prepareObjects(context, flags);
  const showSecrets = flags["show-secrets"] === true;
  const objects: object[] = [];
  let status: number = EXIT.success;
  for (const item of items) {
    try {
      if ("error" in item) throw item.error;
      const { notes, objects: ofPod } = await generatePod(context, item.object, { showSecrets });
      for (const note of notes) {
        const line = `note: pod/${item.object.metadata?.name ?? ""}: ${note}`;
        await context.stderr.write(`${escapeControl(line)}\n`);
      }
      objects.push(...ofPod);
    } catch (error) {
      if (context.signal.aborted) throw error;
      await printError(context.stderr, error);
      if (status === EXIT.success) status = toExitCode(error);
    }
  }
  if (objects.length > 0) await context.stdout.write(await render(objects));
  return status;
}

/** Objects to text. Throws InvalidArgument for a wrong template. */
async function prepareObjects(
  { cwd }: Context,
  flags: CommandInput["flags"],
): Promise<(objects: readonly object[]) => Promise<string>> {
  const format = parseFormat(flags);
  const template = await prepareTemplate(format, cwd);
  return async (objects) => {
    if (format.kind === "jsonl") return objects.map(renderJsonLine).join("");
    if (format.kind === "yaml") {
      const { stringify } = await import("yaml");
      return objects.map((object) => toYaml(stringify, object)).join("---\n");
    }
    const list = { apiVersion: "v1", kind: "List", items: objects };
    const value = objects.length === 1 ? objects[0] : list;
    return template === undefined ? renderJson(value) : template(value);
  };
}

/** Kubernetes reads YAML 1.1, in which more words than true and false want quotes. */
function toYaml(stringify: typeof import("yaml").stringify, object: object): string {
  return stringify(object, { lineWidth: 0, version: "1.1" });
}
