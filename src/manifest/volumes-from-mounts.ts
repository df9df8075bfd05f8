import type { Mount } from "../cri/gen/runtime/v1/api.ts";

/** Volumes that are found in the mounts of one container after the other. */
export interface VolumesFromMounts {
  /** The volume of a mount; undefined for one that a kubelet or apply adds by itself. */
  placeOf(mount: Mount): { readonly volume: string; readonly subPath: string } | undefined;
  /** As a manifest has them, in the order in which they were found. */
  list(): readonly object[];
  /** What of them is not what it was. */
  notes(): readonly string[];
}

/** A volume of a kubelet: `…/pods/UID/volumes/kubernetes.io~TYPE/NAME/…`. */
const OF_KUBELET = /\/pods\/[^/]+\/volumes\/kubernetes\.io~([^/]+)\/([^/]+)(?:\/(.+))?$/;
/** What a kubelet mounts unasked. */
const ADDED = /\/pods\/[^/]+\/(?:etc-hosts|containers\/)/;
const TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount";

export function volumesFromMounts(): VolumesFromMounts {
  const volumes = new Map<string, { readonly name: string; readonly value: object }>();
  const notes: string[] = [];
  const add = (key: string, wanted: string, toValue: (name: string) => object) => {
    const known = volumes.get(key);
    if (known !== undefined) return known.name;
    const taken = new Set([...volumes.values()].map(({ name }) => name));
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`;
    volumes.set(key, { name, value: toValue(name) });
    return name;
  };
  return {
    list: () => [...volumes.values()].map(({ value }) => value),
    notes: () => notes,
    placeOf({ hostPath, containerPath, image, imageSubPath }) {
      if (ADDED.test(hostPath) || containerPath === TOKEN) return undefined;
      if (image !== undefined && image.image !== "") {
        const reference = image.userSpecifiedImage || image.image;
        const volume = add(`image ${reference}`, volumeName(reference), (name) => ({
          name,
          image: { reference },
        }));
        return { volume, subPath: imageSubPath };
      }
      const [, type, kubeletName, subPath = ""] = OF_KUBELET.exec(hostPath) ?? [];
      if (type === "empty-dir" && kubeletName !== undefined) {
        const volume = add(`empty ${kubeletName}`, volumeName(kubeletName), (name) => ({
          name,
          emptyDir: {},
        }));
        return { volume, subPath };
      }
      const volume = add(`host ${hostPath}`, volumeName(kubeletName ?? hostPath), (name) => {
        if (type !== undefined) {
          notes.push(`volume "${name}" is a ${type} of the kubelet: its files go with that pod`);
        }
        return { name, hostPath: { path: hostPath } };
      });
      return { volume, subPath: "" };
    },
  };
}

/** `/var/lib/data` → `var-lib-data`: lower case, 63 characters at most. */
function volumeName(path: string): string {
  const name = path
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(-50);
  return name.replace(/^-+|-+$/g, "") || "root";
}
