import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SupplementalGroupsPolicy } from "../../../src/cri/gen/runtime/v1/api.ts";
import { resolveUser, resolveUserText } from "../../../src/runtime/oci/resolve-user.ts";

const FILES = {
  passwd: "root:x:0:0::/root:/bin/sh\nwww:x:33:34::/:/bin/sh\nbroken line\n7:x:99:99::/:\n",
  group: "root:x:0:\nstaff:x:50:www,other\nwww:x:34:\n",
};
const NONE = {
  runAsUser: undefined,
  runAsGroup: undefined,
  runAsUsername: "",
  supplementalGroups: [],
  supplementalGroupsPolicy: SupplementalGroupsPolicy.Merge,
};

describe("the user of a container", () => {
  it("is root where nobody says otherwise, also without a passwd file", () => {
    assert.deepEqual(resolveUser(NONE, "", { passwd: "", group: "" }), {
      uid: 0,
      gid: 0,
      additionalGids: [0],
    });
  });

  it("comes from the image's config by name or number, with group or without", () => {
    const of = (user: string) => {
      const { uid, gid } = resolveUser(undefined, user, FILES);
      return [uid, gid];
    };
    assert.deepEqual(["www", "33", "www:staff", "1003:1004", "1003"].map(of), [
      [33, 34],
      [33, 34],
      [33, 50],
      [1003, 1004],
      [1003, 0],
    ]);
  });

  it("has the groups of the image's file, merged with its own in order", () => {
    const wish = { ...NONE, runAsUsername: "www", supplementalGroups: [1234n, 34n] };
    assert.deepEqual(resolveUser(wish, "root", FILES).additionalGids, [34, 50, 1234]);
  });

  it("has only its own groups under the Strict policy", () => {
    const wish = {
      ...NONE,
      runAsUser: { value: 33n },
      runAsGroup: { value: 1000n },
      supplementalGroups: [1234n],
      supplementalGroupsPolicy: SupplementalGroupsPolicy.Strict,
    };
    assert.deepEqual(resolveUser(wish, "", FILES), {
      uid: 33,
      gid: 1000,
      additionalGids: [1000, 1234],
    });
  });

  it("is not taken from the image together with CRI's, group and all", () => {
    const wish = { ...NONE, runAsUser: { value: 1001n } };
    assert.equal(resolveUser(wish, "www:staff", FILES).gid, 0);
  });

  it("prefers a name made of digits over the number", () => {
    assert.equal(resolveUserText("7", FILES).uid, 99);
  });

  it("is refused for a group without a user, an unknown name and an ID out of range", () => {
    const group = { ...NONE, runAsGroup: { value: 5n } };
    const refused = [
      () => resolveUser(group, "www", FILES),
      () => resolveUser({ ...NONE, runAsUsername: "ghost" }, "", FILES),
      () => resolveUserText("www:ghosts", FILES),
      () => resolveUserText("4294967295", FILES),
    ];
    for (const attempt of refused) assert.throws(attempt, { code: "InvalidArgument" });
  });
});
