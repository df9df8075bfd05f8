import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { rootName, routedRanges } from "../../../src/runtime/choose-network.ts";
import { openEngine } from "../../../src/runtime/open-engine.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { SILENT } from "../../support/embedded-root.ts";
import { runOk } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const cleanup = cleanupAfter();

it("a new root leaves a bridge of its name, and that bridge's subnet, to whoever made it", async () => {
  const directory = await temporaryDirectory(cleanup, "choose-network");
  const root = join(directory, "root");
  const bridge = rootName(root, false);
  await runOk("ip", ["link", "add", bridge, "type", "bridge"]);
  cleanup.add(`remove bridge ${bridge}`, async () => {
    await runOk("ip", ["link", "del", bridge]);
  });
  await runOk("ip", ["addr", "add", "10.199.77.1/24", "dev", bridge]);
  await runOk("ip", ["link", "set", bridge, "up"]);
  const open = () =>
    openEngine({ root, state: join(directory, "state"), mode: "one-shot", log: SILENT });
  const first = await open();
  first.close();
  assert.notEqual(first.config.network.bridge, bridge);
  assert.notEqual(first.config.network.name, bridge);
  assert.match(first.config.network.bridge, /^crish-[0-9a-f]{8}$/);
  const second = await open();
  second.close();
  assert.deepEqual(second.config.network, first.config.network);
});

it("routes tell which subnets are taken, also of a bridge without a carrier", () => {
  const table = [
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
    "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
    "crish0\t0000C90A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0",
    "",
  ].join("\n");
  const first = 10 * 2 ** 24 + 201 * 2 ** 16;
  assert.deepEqual(routedRanges(table), [{ first, last: first + 0xffff }]);
});
