import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { SecurityProfile_ProfileType as ProfileType } from "../../../src/cri/gen/runtime/v1/api.ts";
import { builtInSeccomp } from "../../../src/runtime/oci/built-in-seccomp.ts";
import { convertSeccomp } from "../../../src/runtime/oci/convert-seccomp.ts";
import { loadSeccomp } from "../../../src/runtime/oci/load-seccomp.ts";

interface Converted {
  architectures?: string[];
  syscalls: { names: string[]; args?: unknown[] }[];
}

const PROFILE = {
  defaultAction: "SCMP_ACT_ERRNO",
  defaultErrnoRet: 38,
  defaultErrno: "ENOSYS",
  archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] }],
  syscalls: [
    { names: ["read"], action: "SCMP_ACT_ALLOW", args: [], includes: {}, excludes: {} },
    { names: ["mount"], action: "SCMP_ACT_ALLOW", includes: { caps: ["CAP_SYS_ADMIN"] } },
    { names: ["umount"], action: "SCMP_ACT_ERRNO", excludes: { caps: ["CAP_SYS_ADMIN"] } },
    { names: ["arm_only"], action: "SCMP_ACT_ALLOW", includes: { arches: ["arm64"] } },
    { names: ["old"], action: "SCMP_ACT_ALLOW", args: null },
  ],
};

function names(profile: object): string[] {
  return (profile as Converted).syscalls.flatMap((rule) => rule.names);
}

describe("a seccomp profile", () => {
  it("has its conditions decided by capabilities and machine", () => {
    const plain = convertSeccomp(PROFILE, { architecture: "amd64", capabilities: [] });
    assert.deepEqual(names(plain), ["read", "umount", "old"]);
    const capabilities = ["CAP_SYS_ADMIN"];
    const admin = convertSeccomp(PROFILE, { architecture: "arm64", capabilities });
    assert.deepEqual(names(admin), ["read", "mount", "arm_only", "old"]);
  });

  it("keeps only what the runtime specification knows", () => {
    const converted = convertSeccomp(PROFILE, { architecture: "amd64", capabilities: [] });
    assert.deepEqual(
      { ...converted, syscalls: (converted as Converted).syscalls.slice(0, 1) },
      {
        defaultAction: "SCMP_ACT_ERRNO",
        defaultErrnoRet: 38,
        architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
        syscalls: [{ names: ["read"], action: "SCMP_ACT_ALLOW" }],
      },
    );
  });

  it("is taken as it is in the specification's own form", () => {
    const own = {
      defaultAction: "SCMP_ACT_ALLOW",
      architectures: ["SCMP_ARCH_X86_64"],
      syscalls: [{ names: ["chmod"], action: "SCMP_ACT_ERRNO" }],
    };
    assert.deepEqual(convertSeccomp(own, { architecture: "amd64", capabilities: [] }), own);
  });

  it("is refused without a default action", () => {
    for (const malformed of [{}, [], null, "x", { defaultAction: 1 }]) {
      assert.throws(() => convertSeccomp(malformed, { architecture: "amd64", capabilities: [] }), {
        code: "InvalidArgument",
      });
    }
  });

  it("of our own refuses mount, unless the container may administrate", () => {
    const own = (capabilities: string[]) =>
      names(convertSeccomp(builtInSeccomp(), { architecture: "amd64", capabilities }));
    assert.ok(own([]).includes("mount") && own([]).includes("keyctl"));
    assert.ok(!own(["CAP_SYS_ADMIN"]).includes("mount"));
  });
});

describe("the choice of a seccomp profile", () => {
  const options = { capabilities: [], defaultProfile: undefined };
  const wish = { privileged: false, seccomp: undefined, seccompProfilePath: "" };
  const directories: string[] = [];
  after(() => Promise.all(directories.map((path) => rm(path, { recursive: true }))));

  async function profileFile(text: string): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), "crish-seccomp-"));
    directories.push(directory);
    await writeFile(join(directory, "profile.json"), text);
    return join(directory, "profile.json");
  }

  it("is unconfined where nothing is asked for, and for a privileged container", async () => {
    const seccomp = { profileType: ProfileType.RuntimeDefault, localhostRef: "" };
    assert.equal(await loadSeccomp(wish, options), undefined);
    assert.equal(await loadSeccomp(undefined, options), undefined);
    assert.equal(await loadSeccomp({ ...wish, privileged: true, seccomp }, options), undefined);
  });

  it("reads a local profile, by the structured field and by the old path", async () => {
    const path = await profileFile(JSON.stringify(PROFILE));
    const seccomp = { profileType: ProfileType.Localhost, localhostRef: path };
    assert.ok(await loadSeccomp({ ...wish, seccomp }, options));
    assert.ok(await loadSeccomp({ ...wish, seccompProfilePath: `localhost/${path}` }, options));
  });

  it("takes the configured default", async () => {
    const defaultProfile = await profileFile('{"defaultAction":"SCMP_ACT_LOG","syscalls":[]}');
    const seccomp = { profileType: ProfileType.RuntimeDefault, localhostRef: "" };
    assert.deepEqual(
      await loadSeccomp({ ...wish, seccomp }, { capabilities: [], defaultProfile }),
      {
        defaultAction: "SCMP_ACT_LOG",
        syscalls: [],
      },
    );
  });

  it("refuses a profile that is missing, unnamed or malformed", async () => {
    const localhost = (localhostRef: string) => ({
      ...wish,
      seccomp: { profileType: ProfileType.Localhost, localhostRef },
    });
    const malformed = await profileFile("{");
    await assert.rejects(loadSeccomp(localhost("/no/such"), options), { code: "NotFound" });
    await assert.rejects(loadSeccomp(localhost(""), options), { code: "InvalidArgument" });
    await assert.rejects(loadSeccomp(localhost(malformed), options), { code: "InvalidArgument" });
  });
});
