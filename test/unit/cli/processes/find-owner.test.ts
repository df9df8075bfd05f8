import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findOwner } from "../../../../src/cli/processes/find-owner.ts";
import { idFrom } from "../../../support/fake-backend.ts";

const web = idFrom("web");
const app = idFrom("app");
const known = { containers: new Set([app]), pods: new Set([web]) };

interface FakeProcess {
  readonly cgroup?: string;
  readonly parent?: number;
  readonly words?: readonly string[];
}

describe("findOwner", () => {
  let proc: string;

  before(async () => {
    proc = await mkdtemp(join(tmpdir(), "crish-proc-"));
  });
  after(() => rm(proc, { recursive: true }));

  async function add(pid: number, { cgroup = "/", parent = 1, words = ["x"] }: FakeProcess) {
    const directory = join(proc, String(pid));
    await mkdir(directory);
    await writeFile(join(directory, "cgroup"), `4:memory:${cgroup}\n0::${cgroup}\n`);
    await writeFile(join(directory, "stat"), `${pid} (a) b) S ${parent} 1 1 0`);
    await writeFile(join(directory, "cmdline"), words.map((word) => `${word}\0`).join(""));
  }

  it("finds the container in every form of cgroup path", async () => {
    const paths = [
      `/k8s.io/${app}`,
      `/kubepods/burstable/pod1/${app}`,
      `/kubepods.slice/kubepods-pod1.slice/cri-containerd-${app}.scope`,
      `/kubepods.slice/crio-${app}.scope/container`,
      `/crish/${web}/${app}/exec-1`,
    ];
    for (const [index, cgroup] of paths.entries()) {
      await add(100 + index, { cgroup });
      const owner = findOwner(100 + index, known, proc);
      assert.deepEqual(owner, { kind: "container", id: app, isShim: false }, cgroup);
    }
  });

  it("finds the pod where no container is in the path", async () => {
    await add(200, { cgroup: `/k8s.io/${web}` });
    assert.deepEqual(findOwner(200, known, proc), { kind: "pod", id: web, isShim: false });
  });

  it("walks to the parents of a process that left its cgroup", async () => {
    await add(300, { cgroup: `/k8s.io/${app}` });
    await add(301, { cgroup: "/elsewhere", parent: 300 });
    await add(302, { cgroup: "/elsewhere", parent: 301 });
    assert.equal(findOwner(302, known, proc)?.id, app);
  });

  it("knows the shims by what they hold", async () => {
    const words = ["/usr/bin/containerd-shim-runc-v2", "-namespace", "k8s.io", "-id", web];
    await add(400, { words });
    assert.deepEqual(findOwner(400, known, proc), { kind: "pod", id: web, isShim: true });
    await add(401, { cgroup: `/crish/${web}`, words: ["/usr/bin/conmon", "-c", app, "-n", app] });
    assert.deepEqual(findOwner(401, known, proc), { kind: "container", id: app, isShim: true });
  });

  it("owns nothing that only names an ID, that is gone, or whose parents go in a circle", async () => {
    await add(500, { words: ["crish", "exec", app] });
    await add(501, { cgroup: `/k8s.io/${idFrom("other")}`, parent: 502 });
    await add(502, { parent: 501 });
    for (const pid of [500, 501, 599]) assert.equal(findOwner(pid, known, proc), undefined);
  });
});
