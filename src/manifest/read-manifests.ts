import { below, invalid, type Place, problem, readObject } from "../cri/json/place.ts";
import { nearestName } from "../errors/nearest-name.ts";
import type { StatusError } from "../errors/status-error.ts";
import { checkPod } from "./check-pod.ts";
import { configMapData, type DataSource, dataKey, secretData } from "./data-source.ts";
import { type ParsedDocument, parseDocuments } from "./parse-documents.ts";
import { CONFIG_MAP, METADATA, POD, type PodManifest, SECRET } from "./pod-shape.ts";
import { readShape, type Unused } from "./read-shape.ts";

export interface ManifestText {
  readonly text: string;
  /** Its name in messages. */
  readonly file: string;
}

export interface ReadOptions {
  /** Of -n: for objects that name none; one that names another is refused. */
  readonly namespace: string | undefined;
}

/** A pod that was read and checked: it has a namespace. */
export interface ReadPod {
  readonly manifest: PodManifest;
  readonly namespace: string;
  /** What is given and not done, one line each. */
  readonly warnings: readonly string[];
}

export interface Manifests {
  readonly pods: readonly ReadPod[];
  readonly data: ReadonlyMap<string, DataSource>;
}

/**
 * The objects of all texts. Throws InvalidArgument with file, line and column for what is not
 * understood, for another kind, and for an object that is given twice.
 */
export async function readManifests(
  texts: readonly ManifestText[],
  options: ReadOptions,
): Promise<Manifests> {
  const pods: ReadPod[] = [];
  const data = new Map<string, DataSource>();
  const seen = new Set<string>();
  for (const object of await readObjects(texts)) {
    const { kind, place, value } = object;
    const unused: Unused = { cluster: [], unsupported: [] };
    const read = { place, unused };
    const metadata = readMetadata(object, options);
    const key = `${kind} "${metadata.namespace}/${metadata.name}"`;
    if (seen.has(key)) throw problem(place, `${key} is given twice`);
    seen.add(key);
    if (kind === "Pod") {
      const pod = readShape(POD, value, read);
      checkPod(pod, place);
      const { namespace } = metadata;
      const manifest = { ...pod, metadata: { ...pod.metadata, namespace } };
      pods.push({
        manifest,
        namespace,
        warnings: warningsOf(unused, manifest),
      });
      continue;
    }
    const source = { kind, namespace: metadata.namespace, name: metadata.name } as const;
    if (source.kind === "ConfigMap") {
      const manifest = readShape(CONFIG_MAP, value, read);
      data.set(dataKey(source), { ...source, ...configMapData(manifest, place) });
    } else {
      const manifest = readShape(SECRET, value, read);
      const type = manifest.type ?? "Opaque";
      data.set(dataKey(source), { ...source, type, data: secretData(manifest, place) });
    }
  }
  return { pods, data };
}

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** Only which pods the texts name, whatever else they say: enough to delete them. */
export async function readPodNames(
  texts: readonly ManifestText[],
  options: ReadOptions,
): Promise<readonly PodName[]> {
  const objects = await readObjects(texts);
  return objects
    .filter(({ kind }) => kind === "Pod")
    .map((object) => readMetadata(object, options));
}

interface ManifestObject {
  readonly kind: "Pod" | "ConfigMap" | "Secret";
  readonly value: unknown;
  readonly place: Place;
}

const KINDS = ["Pod", "ConfigMap", "Secret"] as const;

async function readObjects(texts: readonly ManifestText[]): Promise<ManifestObject[]> {
  const objects: ManifestObject[] = [];
  for (const { text, file } of texts) {
    const documents = await parseDocuments(text, file);
    documents.forEach((document, index) => {
      objects.push(...objectsOf(document, index + 1));
    });
  }
  return objects;
}

/** The object of a document, or those of a List. */
function objectsOf({ value, place }: ParsedDocument, number: number): ManifestObject[] {
  const fields = Object.fromEntries(readObject(value, place));
  const { kind, apiVersion } = fields;
  if (typeof kind !== "string" || typeof apiVersion !== "string") {
    const missing = typeof kind === "string" ? "apiVersion" : "kind";
    throw problem(place, `document ${number} has no ${missing}`, noKindHint(fields));
  }
  if (apiVersion === "v1" && /^(?:Pod|ConfigMap|Secret)?List$/.test(kind)) {
    const items = below(place, "items");
    if (!Array.isArray(fields.items)) throw invalid(items, "expected a list");
    return fields.items.flatMap((item, index) =>
      objectsOf({ value: item, place: below(items, index) }, number),
    );
  }
  const known = KINDS.find((candidate) => candidate === kind);
  if (known !== undefined && apiVersion === "v1") return [{ kind: known, value, place }];
  throw otherKind(place, { kind, apiVersion, number });
}

function noKindHint(fields: Readonly<Record<string, unknown>>): string {
  return "metadata" in fields && !("spec" in fields)
    ? "what is wanted is a Kubernetes Pod; crish runp and create take CRI configurations"
    : "what is wanted is a Kubernetes Pod, ConfigMap or Secret (v1)";
}

const WORKLOADS = ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"];

function otherKind(
  place: Place,
  { kind, apiVersion, number }: { kind: string; apiVersion: string; number: number },
): StatusError {
  const what = `document ${number} is ${/^[AEIOU]/.test(kind) ? "an" : "a"} ${kind} (${apiVersion})`;
  const known: readonly string[] = KINDS;
  if (known.includes(kind)) return problem(place, what, `what is wanted is apiVersion v1`);
  if (WORKLOADS.includes(kind)) {
    const hint = "there are no controllers here: make a Pod of its spec.template";
    return problem(place, what, hint);
  }
  const near = nearestName(kind, KINDS);
  const hint =
    near === undefined ? "crish applies Pod, ConfigMap and Secret" : `did you mean ${near}?`;
  return problem(place, what, hint);
}

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

function readMetadata({ value, place }: ManifestObject, options: ReadOptions) {
  const fields = Object.fromEntries(readObject(value, place));
  const here = below(place, "metadata");
  if (fields.metadata === undefined) throw problem(place, '"metadata" is missing');
  const unused: Unused = { cluster: [], unsupported: [] };
  const {
    name,
    uid,
    namespace = options.namespace ?? "default",
  } = readShape(METADATA, fields.metadata, { place: here, unused });
  // All three become parts of paths on the node.
  if (!SUBDOMAIN.test(name) || name.length > 253) {
    throw invalid(below(here, "name"), `"${name}" is no name: a-z, 0-9, "-" and "."`);
  }
  if (!LABEL.test(namespace)) {
    throw invalid(below(here, "namespace"), `"${namespace}" is no name: a-z, 0-9 and "-"`);
  }
  if (uid !== undefined && !/^[a-zA-Z0-9][-a-zA-Z0-9]{0,63}$/.test(uid)) {
    throw invalid(below(here, "uid"), `"${uid}" is no UID`);
  }
  if (options.namespace !== undefined && options.namespace !== namespace) {
    throw invalid(below(here, "namespace"), `it is "${namespace}", and -n "${options.namespace}"`);
  }
  return { name, namespace };
}

function warningsOf(unused: Unused, pod: PodManifest): string[] {
  const warnings = unused.unsupported.map((path) => unsupportedText(path, pod));
  if (unused.cluster.length > 0) {
    const paths = unused.cluster.map((path) => path.replace(/^.*?\bspec\./, "spec."));
    warnings.push(`without a cluster, not used: ${paths.join(", ")}`);
  }
  return warnings;
}

/** `container "web": livenessProbe is not run`, or the path where it is no container's. */
function unsupportedText(path: string, { spec }: PodManifest): string {
  const match = /\bspec\.(containers|initContainers)\[(\d+)\]\.(.+)$/.exec(path);
  const list = match?.[1] === "initContainers" ? spec.initContainers : spec.containers;
  const name = list?.[Number(match?.[2])]?.name;
  if (match === null || name === undefined)
    return `${path.replace(/^.*?\bspec\./, "spec.")} is not used`;
  const field = match[3] ?? "";
  const verb = /Probe$|preStop$|postStart/.test(field) ? "run" : "used";
  return `container "${name}": ${field} is not ${verb}`;
}
