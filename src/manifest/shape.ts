/**
 * src/manifest: Kubernetes objects as people write them, and what they mean in CRI. Reads Pod,
 * ConfigMap and Secret (v1) from YAML and JSON, checks them as an API server would, and turns a Pod
 * into configurations of sandbox and containers as a kubelet would; and back, from what a runtime
 * tells of a pod. Texts and facts in, values out: it touches no file, no process and no runtime.
 * Specification: the Kubernetes API, core/v1.
 */

/** What a value of a manifest must look like. A Kubernetes type is a shape, and its type follows. */
export type Shape =
  | { readonly kind: Scalar }
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | { readonly kind: "list"; readonly item: Shape }
  | { readonly kind: "map"; readonly value: Shape }
  | { readonly kind: "object"; readonly fields: Fields };

/** `quantity` is a number with a unit, as in 500m and 64Mi; a text, whatever it was written as. */
type Scalar = "string" | "integer" | "boolean" | "quantity";

export type Fields = Readonly<Record<string, Field>>;

/** A field of an object: what it holds, or why it is not read. */
export type Field =
  | Shape
  | { readonly kind: "required"; readonly shape: Shape }
  /** Written by a server into what it gives out: means nothing in what is applied. */
  | { readonly kind: "output" }
  /** Speaks to a cluster, of which there is none here. */
  | { readonly kind: "cluster" }
  /** Would change what happens on the node, and does not: the user is told of each. */
  | { readonly kind: "unsupported" }
  /** Without it the pod would not be what was asked for. */
  | { readonly kind: "refused"; readonly hint?: string };

/** The type of a value that has been read by a shape. */
export type ValueOf<S> = S extends { kind: "string" | "quantity" }
  ? string
  : S extends { kind: "integer" }
    ? number
    : S extends { kind: "boolean" }
      ? boolean
      : S extends { kind: "enum"; values: readonly (infer V)[] }
        ? V
        : S extends { kind: "list"; item: infer I }
          ? readonly ValueOf<I>[]
          : S extends { kind: "map"; value: infer V }
            ? Readonly<Record<string, ValueOf<V>>>
            : S extends { kind: "object"; fields: infer F }
              ? ObjectOf<F>
              : never;

type ObjectOf<F> = {
  readonly [K in keyof F as F[K] extends { kind: "required" } ? K : never]: F[K] extends {
    shape: infer S;
  }
    ? ValueOf<S>
    : never;
} & {
  readonly [K in keyof F as F[K] extends { kind: Shape["kind"] } ? K : never]?: ValueOf<F[K]>;
};

export const STRING = { kind: "string" } as const;
export const INTEGER = { kind: "integer" } as const;
export const BOOLEAN = { kind: "boolean" } as const;
export const QUANTITY = { kind: "quantity" } as const;
export const OUTPUT = { kind: "output" } as const;
export const CLUSTER = { kind: "cluster" } as const;
export const UNSUPPORTED = { kind: "unsupported" } as const;

export function required<const S extends Shape>(shape: S) {
  return { kind: "required", shape } as const;
}

export function refused(hint?: string) {
  return hint === undefined ? ({ kind: "refused" } as const) : ({ kind: "refused", hint } as const);
}

export function oneOf<const V extends readonly string[]>(...values: V) {
  return { kind: "enum", values } as const;
}

export function list<const S extends Shape>(item: S) {
  return { kind: "list", item } as const;
}

export function map<const S extends Shape>(value: S) {
  return { kind: "map", value } as const;
}

export function object<const F extends Fields>(fields: F) {
  return { kind: "object", fields } as const;
}
