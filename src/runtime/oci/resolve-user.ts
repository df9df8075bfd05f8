import type { LinuxContainerSecurityContext } from "../../cri/gen/runtime/v1/api.ts";
import { SupplementalGroupsPolicy } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { SpecUser } from "./runtime-spec.ts";

/** The texts of /etc/passwd and /etc/group of the image; empty where it has none. */
export interface UserFiles {
  readonly passwd: string;
  readonly group: string;
}

type UserWish = Pick<
  LinuxContainerSecurityContext,
  "runAsUser" | "runAsGroup" | "runAsUsername" | "supplementalGroups" | "supplementalGroupsPolicy"
>;

/**
 * Who the container runs as: CRI's user or user name, else the image's `User`; CRI's group over the
 * image's, over the user's own in passwd. The groups of /etc/group count unless the policy is
 * Strict. InvalidArgument for a group without a user and for a name that the image does not know.
 */
export function resolveUser(
  wish: UserWish | undefined,
  imageUser: string,
  files: UserFiles,
): SpecUser {
  const named = wish?.runAsUser?.value.toString() ?? wish?.runAsUsername ?? "";
  if (named === "" && wish?.runAsGroup !== undefined) {
    throw new StatusError("InvalidArgument", "run_as_group is set without a user");
  }
  const [imageName = "", imageGroup] = imageUser.split(":");
  const user = findUser(named === "" ? imageName : named, files);
  const group = wish?.runAsGroup?.value.toString() ?? (named === "" ? imageGroup : undefined);
  const gid = group === undefined || group === "" ? user.gid : findGroup(group, files);
  const ofImage =
    wish?.supplementalGroupsPolicy === SupplementalGroupsPolicy.Strict
      ? []
      : groupsOf(user.name, files);
  const all = [gid, ...ofImage, ...(wish?.supplementalGroups ?? []).map(Number)];
  return {
    uid: user.uid,
    gid,
    additionalGids: [...new Set(all)].sort((a, b) => a - b),
  };
}

/** `user[:group]`, names or numbers, as `exec --user` takes it; other groups come from the image. */
export function resolveUserText(text: string, files: UserFiles): SpecUser {
  return resolveUser(undefined, text, files);
}

interface FoundUser {
  readonly uid: number;
  readonly gid: number;
  /** Undefined for a number that passwd does not name. */
  readonly name: string | undefined;
}

function findUser(user: string, files: UserFiles): FoundUser {
  const wanted = user === "" ? "0" : user;
  const isNumber = /^\d+$/.test(wanted);
  for (const [name, , uid, gid] of parseColonFile(files.passwd)) {
    // A name may consist of digits: then the name wins, as everywhere in Unix.
    if (name === wanted || (isNumber && Number(uid) === Number(wanted))) {
      return { uid: toId(uid), gid: toId(gid), name };
    }
  }
  if (isNumber) return { uid: toId(wanted), gid: 0, name: undefined };
  throw new StatusError("InvalidArgument", `the image's /etc/passwd has no user "${user}"`);
}

function findGroup(group: string, files: UserFiles): number {
  for (const [name, , gid] of parseColonFile(files.group)) if (name === group) return toId(gid);
  if (/^\d+$/.test(group)) return toId(group);
  throw new StatusError("InvalidArgument", `the image's /etc/group has no group "${group}"`);
}

function groupsOf(name: string | undefined, files: UserFiles): number[] {
  if (name === undefined) return [];
  return parseColonFile(files.group)
    .filter(([, , , members = ""]) => members.split(",").includes(name))
    .map(([, , gid]) => toId(gid));
}

function parseColonFile(text: string): string[][] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(":"))
    .filter((fields) => fields.length >= 3 && /^\d+$/.test(fields[2] ?? ""));
}

/** Linux's IDs have 32 bits, and the last one means "none". */
const LARGEST_ID = 0xffff_fffe;

function toId(text: string | undefined): number {
  const id = Number(text);
  if (!Number.isInteger(id) || id < 0 || id > LARGEST_ID) {
    throw new StatusError("InvalidArgument", `"${text}" is no user or group ID`);
  }
  return id;
}
