import type { Container, Image, PodSandbox } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import { alignCells } from "../output/align-cells.ts";
import { escapeControl } from "../output/escape-control.ts";
import { formatSize } from "../output/format-size.ts";
import { shortId } from "../output/short-id.ts";
import { callOptions } from "./call-options.ts";
import type { CommandSpec, ObjectKind } from "./command.ts";
import type { Context } from "./context.ts";
import type { PickChoice } from "./pick-request.ts";
import { podOf } from "./pod-facts.ts";
import { newestFirst } from "./select-containers.ts";

export const CONTAINER_STATES = ["created", "running", "exited", "unknown"];
const POD_STATES = ["ready", "notready"];

/**
 * The objects of a kind that the verb can act on, newest first, in the shell's pod where there is
 * one. Throws FailedPrecondition where there are none.
 */
export async function listChoices(
  context: Context,
  kind: ObjectKind,
  { name, objectStates }: Pick<CommandSpec, "name" | "objectStates">,
): Promise<readonly PickChoice[]> {
  const isFit = (state: string | undefined) =>
    objectStates === undefined || (state !== undefined && objectStates.includes(state));
  const rows = await LISTS[kind](context, isFit);
  if (rows.length === 0) {
    const states = objectStates === undefined ? "" : ` that is ${objectStates.join(" or ")}`;
    throw new StatusError("FailedPrecondition", `there is no ${kind}${states} to ${name}`);
  }
  return alignLabels(rows);
}

interface Row {
  readonly value: string;
  readonly cells: readonly string[];
}

type List = (context: Context, isFit: (state: string | undefined) => boolean) => Promise<Row[]>;

const LISTS: Readonly<Record<ObjectKind, List>> = {
  container: listContainers,
  pod: listPods,
  image: listImages,
};

async function listContainers(
  context: Context,
  isFit: (state: string | undefined) => boolean,
): Promise<Row[]> {
  const { runtime } = await context.backend();
  const call = callOptions(context);
  const [{ containers }, { items }] = await Promise.all([
    runtime.listContainers({ filter: undefined }, call),
    runtime.listPodSandbox({ filter: undefined }, call),
  ]);
  const podId = context.session.defaultObjects?.pod;
  return containers
    .filter(({ podSandboxId }) => podId === undefined || podSandboxId === podId)
    .filter(({ state }) => isFit(CONTAINER_STATES[state]))
    .sort(newestFirst)
    .map((container: Container) => {
      const pod = podOf(container, items);
      const { name = "", attempt = 0 } = container.metadata ?? {};
      return {
        value: container.id,
        cells: [
          attempt === 0 ? name : `${name} (attempt ${attempt})`,
          CONTAINER_STATES[container.state] ?? "unknown",
          `${pod.namespace}/${pod.name}`,
          shortId(container.id),
        ],
      };
    });
}

async function listPods(
  context: Context,
  isFit: (state: string | undefined) => boolean,
): Promise<Row[]> {
  const { runtime } = await context.backend();
  const { items } = await runtime.listPodSandbox({ filter: undefined }, callOptions(context));
  return items
    .filter(({ state }) => isFit(POD_STATES[state]))
    .sort(newestFirst)
    .map((pod: PodSandbox) => {
      const { name = "", namespace = "" } = pod.metadata ?? {};
      return {
        value: pod.id,
        cells: [name, POD_STATES[pod.state] ?? "unknown", namespace, shortId(pod.id)],
      };
    });
}

async function listImages(context: Context): Promise<Row[]> {
  const { images } = await context.backend();
  const list = (await images.listImages({ filter: undefined }, callOptions(context))).images;
  return list
    .map((image: Image) => ({
      value: image.repoTags[0] ?? image.repoDigests[0] ?? image.id,
      cells: [
        image.repoTags.join(", ") || image.repoDigests[0] || "<none>",
        formatSize(image.size),
        shortId(image.id),
      ],
    }))
    .sort((left, right) => (left.value < right.value ? -1 : 1));
}

function alignLabels(rows: readonly Row[]): PickChoice[] {
  const cells = rows.map((row) => row.cells.map(escapeControl));
  const labels = alignCells(cells);
  return rows.map(({ value }, index) => ({
    value,
    label: labels[index] ?? "",
    cells: cells[index] ?? [],
  }));
}
