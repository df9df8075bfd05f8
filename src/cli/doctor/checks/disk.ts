import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { formatSize } from "../../../output/format-size.ts";
import { type Check, type Doctor, type Finding, fail, ok, warn } from "../finding.ts";
import { findingOf } from "../finding-of.ts";

const MIB = 1024 * 1024;

interface Place {
  readonly id: string;
  readonly what: string;
  readonly path: string;
  readonly leastBytes: number;
  readonly enoughBytes: number;
}

/** Where crish writes: room, inodes, and whether it may be written at all. */
export const disk: Check = {
  id: "disk",
  title: "disk space",
  embedded: true,
  async run(doctor) {
    const { root, state, logs } = doctor.node.paths;
    const places: readonly Place[] = [
      {
        id: "disk.root",
        what: "images and containers",
        path: root,
        leastBytes: 64 * MIB,
        enoughBytes: 2048 * MIB,
      },
      {
        id: "disk.state",
        what: "state of running containers",
        path: state,
        leastBytes: 4 * MIB,
        enoughBytes: 32 * MIB,
      },
      {
        id: "disk.logs",
        what: "logs of containers",
        path: logs,
        leastBytes: 16 * MIB,
        enoughBytes: 256 * MIB,
      },
    ];
    return (await Promise.all(places.map((place) => checkPlace(doctor, place)))).flat();
  },
};

async function checkPlace({ node }: Doctor, place: Place): Promise<Finding[]> {
  const { id, what, path } = place;
  const present = nearestPresent(path);
  const mount = node.mountOf(present);
  const findings: Finding[] = [];
  if (mount?.options.includes("ro") || mount?.superOptions.includes("ro")) {
    findings.push(
      fail(
        id,
        `${path} (${what}) is on a read-only file system, ${mount.mountPoint}`,
        `mount -o remount,rw ${mount.mountPoint}, or name another place with CRISH_ROOT and CRISH_STATE`,
      ),
    );
  }
  if (mount?.type === "overlay" && id === "disk.root") {
    findings.push(
      fail(
        "disk.overlay",
        `${path} is on overlayfs itself, on which no other can be mounted`,
        "name a directory on another file system with CRISH_ROOT",
      ),
    );
  }
  try {
    const { bsize, bavail, blocks, ffree, files } = await statfs(present);
    const figures = {
      freeBytes: bavail * bsize,
      totalBytes: blocks * bsize,
      freeInodes: ffree,
      totalInodes: files,
    };
    return [...findings, ...judgeSpace(place, figures)];
  } catch (error) {
    return [...findings, findingOf(id, error)];
  }
}

export function judgeSpace(
  { id, what, path, leastBytes, enoughBytes }: Place,
  figures: { freeBytes: number; totalBytes: number; freeInodes: number; totalInodes: number },
): Finding[] {
  const { freeBytes, totalBytes, freeInodes, totalInodes } = figures;
  const room = `${formatSize(BigInt(freeBytes))} free of ${formatSize(BigInt(totalBytes))}`;
  const text = `${path} (${what}): ${room}`;
  const fix = `free some: crish rmi --prune, crish rm -a (those that have ended), rotate logs; or name a larger place`;
  const findings: Finding[] = [];
  if (freeBytes < leastBytes) findings.push(fail(id, text, fix));
  else if (freeBytes < enoughBytes) findings.push(warn(id, text, fix));
  // File systems without a fixed number of inodes say 0.
  if (totalInodes > 0 && freeInodes < totalInodes / 100) {
    const left = `${path} (${what}): ${freeInodes} of ${totalInodes} inodes are free`;
    findings.push((freeInodes === 0 ? fail : warn)(`${id}.inodes`, left, fix));
  }
  return findings.length > 0 ? findings : [ok(id, text)];
}

/** The path, or the nearest directory above it that is there. */
function nearestPresent(path: string): string {
  let present = path;
  while (present !== "/" && !existsSync(present)) present = dirname(present);
  return present;
}
