import { parseBoolean } from "../config/parse-boolean.ts";
import type { Image } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import type { FlagValue } from "./command.ts";
import type { Context } from "./context.ts";
import { imageCreatedMs } from "./image-created.ts";
import { parsePattern } from "./parse-pattern.ts";
import { resolveImages } from "./resolve-images.ts";

const FORMS = "there are dangling=true|false, reference=REGEX, before=IMAGE and since=IMAGE";

/**
 * What the words of --filter leave, applied in order. before and since compare the dates of
 * creation, which CRI has in an image's verbose status only: those two ask for each image.
 */
export async function filterImages(
  context: Context,
  list: readonly Image[],
  value: FlagValue | undefined,
): Promise<readonly Image[]> {
  const words = Array.isArray(value) ? (value as readonly string[]) : [];
  const filters = words.map(parseFilter);
  let left = list;
  for (const { key, argument } of filters) {
    if (key === "dangling") {
      const wanted = parseBoolean(argument);
      left = left.filter((image) => (image.repoTags.length === 0) === wanted);
    } else if (key === "reference") {
      const pattern = parsePattern(argument, "--filter reference");
      left = left.filter((image) => matchesName(image, pattern));
    } else {
      left = await byDate(context, left, key, argument);
    }
  }
  return left;
}

interface Filter {
  readonly key: "dangling" | "reference" | "before" | "since";
  readonly argument: string;
}

function parseFilter(word: string): Filter {
  const equals = word.indexOf("=");
  const key = equals === -1 ? word : word.slice(0, equals);
  const argument = equals === -1 ? "" : word.slice(equals + 1);
  const isKnown = key === "dangling" || key === "reference" || key === "before" || key === "since";
  if (!isKnown || argument === "") {
    throw new StatusError("InvalidArgument", `unknown filter "${word}"`, { hint: FORMS });
  }
  if (key === "dangling" && parseBoolean(argument) === undefined) {
    throw new StatusError(
      "InvalidArgument",
      `--filter dangling is true or false, not "${argument}"`,
    );
  }
  return { key, argument };
}

function matchesName(image: Image, pattern: RegExp | undefined): boolean {
  if (pattern === undefined) return true;
  return [...image.repoTags, ...image.repoDigests].some((name) => pattern.test(name));
}

async function byDate(
  context: Context,
  list: readonly Image[],
  key: "before" | "since",
  reference: string,
): Promise<readonly Image[]> {
  const [pivot] = await resolveImages(context, [reference]);
  if (pivot === undefined || "error" in pivot) {
    throw pivot?.error ?? new StatusError("NotFound", `image "${reference}" not found`);
  }
  const pivotMs = await imageCreatedMs(context, pivot.object);
  const dates = await Promise.all(list.map((image) => imageCreatedMs(context, image)));
  return list.filter((_image, index) => {
    const createdMs = dates[index] ?? 0;
    return key === "before" ? createdMs < pivotMs : createdMs > pivotMs;
  });
}
