import { StatusError } from "../errors/status-error.ts";
import { parseDigest } from "./digest.ts";
import { INDEX_TYPES, SCHEMA_1 } from "./media-types.ts";

/** What a manifest or index points to (image-spec, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly platform?: Platform;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
}

export type Manifest =
  | { readonly kind: "index"; readonly manifests: readonly Descriptor[] }
  | {
      readonly kind: "image";
      readonly config: Descriptor;
      /** Lowest first. */
      readonly layers: readonly Descriptor[];
    };

/** Overlay takes 500 lower directories at most. */
const MOST_LAYERS = 500;

/** Reads a manifest or index. InvalidArgument for one that is malformed, Unimplemented for schema 1. */
export function parseManifest(bytes: Uint8Array, contentType = ""): Manifest {
  const body = parseObject(bytes);
  const mediaType = typeof body.mediaType === "string" ? body.mediaType : contentType;
  if (SCHEMA_1.test(mediaType) || body.schemaVersion === 1) {
    throw new StatusError("Unimplemented", "the image has a manifest of schema 1", {
      hint: "push it again with a tool of this decade",
    });
  }
  if (INDEX_TYPES.includes(mediaType) || Array.isArray(body.manifests)) {
    return { kind: "index", manifests: parseDescriptors(body.manifests, "the index") };
  }
  const layers = parseDescriptors(body.layers, "the manifest");
  if (layers.length > MOST_LAYERS) {
    throw new StatusError("InvalidArgument", `the manifest has ${layers.length} layers`);
  }
  return { kind: "image", config: parseDescriptor(body.config, "the manifest's config"), layers };
}

export function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new StatusError("InvalidArgument", "the manifest is not JSON", { cause });
  }
  if (isRecord(value)) return value;
  throw new StatusError("InvalidArgument", "the manifest is no JSON object");
}

function parseDescriptors(value: unknown, what: string): Descriptor[] {
  if (!Array.isArray(value)) {
    throw new StatusError("InvalidArgument", `${what} has no list of what it holds`);
  }
  return value.map((entry, index) => parseDescriptor(entry, `entry ${index} of ${what}`));
}

function parseDescriptor(value: unknown, what: string): Descriptor {
  const fields = isRecord(value) ? value : {};
  const { size, platform, annotations } = fields;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw new StatusError("InvalidArgument", `${what} has no size`);
  }
  const digest = parseDigest(fields.digest, what);
  return {
    mediaType: text(fields.mediaType),
    digest,
    sizeBytes: size,
    ...(isRecord(platform)
      ? {
          platform: {
            os: text(platform.os),
            architecture: text(platform.architecture),
            variant: text(platform.variant),
          },
        }
      : {}),
    annotations: isRecord(annotations)
      ? Object.fromEntries(Object.entries(annotations).map(([key, note]) => [key, text(note)]))
      : {},
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
