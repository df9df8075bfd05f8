import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { PodSandboxConfig } from "../../../src/cri/gen/runtime/v1/api.ts";
import { listPodSandbox } from "../../../src/runtime/services/sandbox-list.ts";
import { removePodSandbox } from "../../../src/runtime/services/sandbox-remove.ts";
import { runPodSandbox } from "../../../src/runtime/services/sandbox-run.ts";
import { podSandboxStatus } from "../../../src/runtime/services/sandbox-status.ts";
import { stopPodSandbox } from "../../../src/runtime/services/sandbox-stop.ts";
import { createCleanup } from "../../support/cleanup.ts";
import { assertNothingLeaked } from "../../support/embedded-root.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { openPodRoot, type PodRoot, podConfig, withLinux } from "./pod-root.ts";

/** Passes the result on at ADD, unless a file beside it says what to do instead. */
const SWITCH = `
input=$(cat)
here=$(dirname "$0")
if [ -e "$here/$CNI_COMMAND-slow" ]; then touch "$here/$CNI_COMMAND-started"; sleep 20; fi
if [ -e "$here/$CNI_COMMAND-fails" ]; then
  echo '{"cniVersion":"1.0.0","code":123,"msg":"the switch is off"}'
  exit 1
fi
if [ "$CNI_COMMAND" = ADD ]; then
  echo "$input" | sed -e 's/.*"prevResult":\\(.*\\)}$/\\1/'
fi
`;

describe("a pod that cannot be run", () => {
  const cleanup = createCleanup();
  let root: PodRoot;
  before(async () => {
    root = await openPodRoot(cleanup, { plugins: [{ type: "switch", script: SWITCH }] });
  });
  after(() => cleanup.run());

  const runPod = (fields: Partial<PodSandboxConfig> = {}, signal?: AbortSignal) =>
    runPodSandbox(
      root.engine,
      { config: podConfig(fields), runtimeHandler: "" },
      signal === undefined ? {} : { signal },
    );
  const nothingIsLeft = async () => {
    await assertNothingLeaked(root);
    assert.deepEqual((await listPodSandbox(root.engine, { filter: undefined })).items, []);
  };
  const plugin = (name: string) => join(root.directory, "plugins", name);
  const setSwitch = async (name: string, work: () => Promise<void>) => {
    const { rm } = await import("node:fs/promises");
    writeFileSync(plugin(name), "");
    try {
      await work();
    } finally {
      await rm(plugin(name), { force: true });
    }
  };

  test("because a plugin refuses leaves nothing and tells the plugin's reason", async () => {
    await setSwitch("ADD-fails", async () => {
      await assert.rejects(runPod(), (error: Error & { pluginCode?: number }) => {
        assert.match(error.message, /the CNI plugin "switch" could not add the pod to the network/);
        assert.equal((error.cause as Error).message, "the switch is off");
        assert.equal(error.pluginCode, 123);
        return true;
      });
    });
    await nothingIsLeft();
  });

  test("because its caller gives up while a plugin works leaves nothing", async () => {
    await setSwitch("ADD-slow", async () => {
      const abort = new AbortController();
      const running = runPod({}, abort.signal);
      running.catch(() => {});
      await waitUntil("the plugin works", () => existsSync(plugin("ADD-started")));
      abort.abort();
      await assert.rejects(running, { code: "Cancelled" });
    });
    await nothingIsLeft();
  });

  test("because its deadline passes is told so and leaves nothing", async () => {
    const config = podConfig();
    await assert.rejects(
      runPodSandbox(
        root.engine,
        { config, runtimeHandler: "" },
        { signal: AbortSignal.timeout(1) },
      ),
      { code: "DeadlineExceeded" },
    );
    await nothingIsLeft();
  });

  const refused: readonly [string, Partial<PodSandboxConfig>, RegExp][] = [
    [
      "a sysctl value that the kernel refuses",
      withLinux({ sysctls: { "kernel.shm_rmid_forced": "7" } }),
      /could not set the sysctl "kernel\/shm_rmid_forced"/,
    ],
    [
      "a sysctl that does not exist",
      withLinux({ sysctls: { "net.ipv4.nothing_like_it": "1" } }),
      /could not set the sysctl "net\/ipv4\/nothing_like_it"/,
    ],
    [
      "a log directory below a file",
      { logDirectory: "/proc/version/logs" },
      /could not run the pod "web"/,
    ],
    ["no metadata", { metadata: undefined }, /metadata/],
  ];
  for (const [title, fields, message] of refused) {
    test(`because of ${title} leaves nothing`, async () => {
      await assert.rejects(runPod(fields), { name: "StatusError", message });
      await nothingIsLeft();
    });
  }

  test("because the default network's own plugins are missing names their package", async () => {
    const { config, ...rest } = root.engine;
    const engine = {
      ...rest,
      config: { ...config, cniPluginDirs: [root.directory], cniConfigDir: "/nowhere" },
    };
    await assert.rejects(runPodSandbox(engine, { config: podConfig(), runtimeHandler: "" }), {
      code: "FailedPrecondition",
      message: /no CNI plugin "bridge"/,
      hint: /apt-get install containernetworking-plugins/,
    });
    await nothingIsLeft();
  });

  test("with an unknown runtime handler is refused", async () => {
    const config = podConfig();
    await assert.rejects(runPodSandbox(root.engine, { config, runtimeHandler: "kata" }), {
      code: "InvalidArgument",
      message: /"kata"/,
    });
    await nothingIsLeft();
  });

  test("without a configuration is refused", async () => {
    const request = { config: undefined, runtimeHandler: "" };
    await assert.rejects(runPodSandbox(root.engine, request), { code: "InvalidArgument" });
  });

  test("whose network cannot be taken down stays until it can", async () => {
    const { podSandboxId } = await runPod();
    await setSwitch("DEL-fails", async () => {
      await assert.rejects(stopPodSandbox(root.engine, { podSandboxId }), {
        message: /could not take the pod out of the network/,
      });
      await assert.rejects(removePodSandbox(root.engine, { podSandboxId }));
      const { status } = await podSandboxStatus(root.engine, { podSandboxId, verbose: false });
      assert.equal(status?.state, 1);
    });
    await stopPodSandbox(root.engine, { podSandboxId });
    await removePodSandbox(root.engine, { podSandboxId });
    await nothingIsLeft();
  });

  test("because a plugin is missing names it and its package, before anything is done", async () => {
    const { rename } = await import("node:fs/promises");
    await rename(plugin("switch"), plugin("elsewhere"));
    try {
      await assert.rejects(runPod(), {
        code: "FailedPrecondition",
        message: /no CNI plugin "switch"/,
        hint: /cniPluginDirs/,
      });
    } finally {
      await rename(plugin("elsewhere"), plugin("switch"));
    }
    await nothingIsLeft();
  });
});
