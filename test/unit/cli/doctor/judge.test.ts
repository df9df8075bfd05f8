import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeClock } from "../../../../src/cli/doctor/checks/clock.ts";
import { judgeSpace } from "../../../../src/cli/doctor/checks/disk.ts";
import { judgeForward } from "../../../../src/cli/doctor/checks/firewall.ts";
import { checkVersion, judgeRights } from "../../../../src/cli/doctor/checks/kernel.ts";
import { judge } from "../../../../src/cli/doctor/checks/limits.ts";
import { describeCommandLine } from "../../../../src/host/describe-process.ts";

describe("doctor judges what it finds", () => {
  const network = { bridge: "crish0", subnet: "10.201.0.0/16" };
  const forward = (...rules: string[]) => judgeForward(rules.join("\n"), network);

  it("a FORWARD chain that drops is a fault unless a rule lets the bridge through", () => {
    assert.equal(forward("-P FORWARD ACCEPT").level, "ok");
    assert.equal(forward("-P FORWARD DROP").level, "fail");
    assert.match(forward("-P FORWARD DROP").fix ?? "", /iptables -I FORWARD -i crish0 -j ACCEPT/);
    const docker = [
      "-P FORWARD DROP",
      "-A FORWARD -j DOCKER-USER",
      "-A FORWARD -i docker0 -j ACCEPT",
    ];
    assert.equal(forward(...docker).level, "fail");
    assert.equal(forward(...docker, "-A FORWARD -i crish0 -j ACCEPT").level, "ok");
    assert.equal(forward(...docker, "-A FORWARD -s 10.201.0.0/16 -j ACCEPT").level, "ok");
    assert.equal(forward("-P FORWARD DROP", "-A FORWARD -j ACCEPT").level, "ok");
    assert.equal(forward("-P FORWARD DROP", "-A FORWARD -i crish0 -j DROP").level, "fail");
  });

  it("a kernel below the oldest that is tried is a warning", () => {
    for (const text of ["4.18.0-553.el8", "5.4.0-1", "6.18.44"]) {
      assert.equal(checkVersion(text).level, "ok", text);
    }
    for (const text of ["3.10.0-1160.el7", "4.4.0", "4.17.19"]) {
      assert.equal(checkVersion(text).level, "warn", text);
    }
  });

  it("root without what root may is a fault, and anybody else is not judged", () => {
    assert.equal(judgeRights(true, "CapEff:\t000001ffffffffff\n").level, "ok");
    const docker = judgeRights(true, "CapEff:\t00000000a80425fb\n");
    assert.equal(docker.level, "fail");
    assert.equal(docker.text, "root lacks CAP_NET_ADMIN, CAP_SYS_ADMIN");
    assert.equal(judgeRights(false, "CapEff:\t0000000000000000\n").level, "unchecked");
  });

  it("a disk with little room warns, one with none fails, and inodes count as well", () => {
    const place = { id: "disk.root", what: "w", path: "/p", leastBytes: 10, enoughBytes: 100 };
    const inodes = { totalInodes: 1000, freeInodes: 500 };
    const levels = (figures: Parameters<typeof judgeSpace>[1]) =>
      judgeSpace(place, figures).map(({ id, level }) => `${id} ${level}`);
    assert.deepEqual(levels({ freeBytes: 200, totalBytes: 300, ...inodes }), ["disk.root ok"]);
    assert.deepEqual(levels({ freeBytes: 50, totalBytes: 300, ...inodes }), ["disk.root warn"]);
    assert.deepEqual(levels({ freeBytes: 5, totalBytes: 300, ...inodes }), ["disk.root fail"]);
    const full = { freeBytes: 200, totalBytes: 300, totalInodes: 1000 };
    assert.deepEqual(levels({ ...full, freeInodes: 0 }), ["disk.root.inodes fail"]);
    assert.deepEqual(levels({ ...full, freeInodes: 9 }), ["disk.root.inodes warn"]);
    assert.deepEqual(levels({ ...full, totalInodes: 0, freeInodes: 0 }), ["disk.root ok"]);
  });

  it("a limit fails where nothing works below it, and the fix is a command", () => {
    const limit = { sysctl: "user.max_net_namespaces", least: 1, enough: 256, why: "w" };
    assert.equal(judge(limit, undefined), undefined);
    assert.equal(judge(limit, 256), undefined);
    assert.equal(judge(limit, 20)?.level, "warn");
    assert.equal(judge(limit, 0)?.level, "fail");
    assert.match(judge(limit, 0)?.fix ?? "", /^sysctl -w user\.max_net_namespaces=1024/);
  });

  it("a clock that differs from a registry's by minutes warns", () => {
    const now = new Date("2026-01-01T12:00:00Z");
    assert.equal(judgeClock(now, undefined).level, "ok");
    assert.equal(judgeClock(now, new Date("2026-01-01T12:04:00Z")).level, "ok");
    assert.equal(judgeClock(now, new Date("2026-01-01T13:00:00Z"), "x").level, "warn");
  });
});

describe("a process is named without its arguments", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["/usr/bin/crish serve --listen unix:///x", "crish serve"],
    ["crish -r embedded: exec -it web sh", "crish exec"],
    ["crish --config /etc/x.yaml run -e PASSWORD=hunter2 nginx", "crish run"],
    ["crish", "crish"],
    ["/usr/bin/node /usr/lib/crish/bin/crish.ts ps", "crish ps"],
    ["node --no-warnings /x/other.mjs secret", "other"],
    ["conmon --api-version 1", "conmon"],
    ["", undefined],
  ];
  for (const [line, name] of cases) {
    it(line === "" ? "(a kernel thread)" : line, () => {
      assert.equal(describeCommandLine(line.split(" ")), name);
    });
  }
});
