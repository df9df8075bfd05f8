import { below, invalid, type Place } from "../cri/json/place.ts";
import { isInside } from "./is-inside.ts";
import { parseUnits } from "./parse-quantity.ts";
import type { DownwardItem, KeyItem, VolumeManifest } from "./volume-shape.ts";

/** Refuses a volume that cannot be. Throws InvalidArgument. */
export function checkVolume(volume: VolumeManifest, place: Place): void {
  if (!/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(volume.name)) {
    throw invalid(below(place, "name"), `"${volume.name}" is no name`);
  }
  const sources = Object.keys(volume).filter((key) => key !== "name");
  if (sources.length > 1) throw invalid(place, `it is both ${sources.join(" and ")}`);
  const { emptyDir, hostPath, configMap, secret, downwardAPI, projected } = volume;
  if (emptyDir !== undefined) checkEmptyDir(emptyDir, below(place, "emptyDir"));
  if (hostPath !== undefined && (!hostPath.path.startsWith("/") || hasDots(hostPath.path))) {
    throw invalid(below(below(place, "hostPath"), "path"), "it wants an absolute path without ..");
  }
  checkFiles(configMap, below(place, "configMap"));
  checkFiles(secret, below(place, "secret"));
  checkFiles(downwardAPI, below(place, "downwardAPI"));
  if (projected === undefined) return;
  checkFiles(projected, below(place, "projected"));
  (projected.sources ?? []).forEach((source, index) => {
    const here = below(below(below(place, "projected"), "sources"), index);
    for (const kind of ["configMap", "secret", "downwardAPI"] as const) {
      checkFiles(source[kind], below(here, kind));
    }
  });
}

function checkEmptyDir(emptyDir: NonNullable<VolumeManifest["emptyDir"]>, place: Place): void {
  const { medium = "", sizeLimit } = emptyDir;
  if (medium !== "" && medium !== "Memory") {
    throw invalid(below(place, "medium"), `"${medium}" is not supported`, 'there is "" and Memory');
  }
  if (sizeLimit === undefined) return;
  try {
    if (parseUnits(sizeLimit) > 0n) return;
  } catch (error) {
    throw invalid(below(place, "sizeLimit"), (error as Error).message);
  }
  throw invalid(below(place, "sizeLimit"), "it must be above 0");
}

interface Files {
  readonly items?: readonly (KeyItem | DownwardItem)[];
  readonly defaultMode?: number;
}

function checkFiles(files: Files | undefined, place: Place): void {
  if (files === undefined) return;
  checkMode(files.defaultMode, below(place, "defaultMode"));
  (files.items ?? []).forEach((item, index) => {
    const here = below(below(place, "items"), index);
    checkMode(item.mode, below(here, "mode"));
    if (item.path === "" || !isInside(item.path)) {
      throw invalid(below(here, "path"), `"${item.path}" leads out of the volume`);
    }
    if ("key" in item || (item.fieldRef === undefined) !== (item.resourceFieldRef === undefined)) {
      return;
    }
    throw invalid(here, "it wants one of fieldRef and resourceFieldRef");
  });
}

function checkMode(mode: number | undefined, place: Place): void {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return;
  throw invalid(
    place,
    `${mode} is no mode between 0 and 0777`,
    "in JSON it is decimal: 0400 is 256",
  );
}

function hasDots(path: string): boolean {
  return path.split("/").includes("..");
}
