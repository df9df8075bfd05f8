import assert from "node:assert/strict";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import {
  type ContainerdCliTarget,
  containerdCli,
  type EmbeddedCliTarget,
  embeddedCli,
} from "../../support/cli-target.ts";
import { crishForNobody } from "../../support/crish-for-nobody.ts";
import { freePort } from "../../support/free-port.ts";
import { listenOnPath } from "../../support/listen.ts";
import { type OpenShell, openShell } from "../../support/open-shell.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { openTerminal } from "../../support/terminal.ts";
import { waitUntil } from "../../support/wait-until.ts";

describe("connect in the shell", () => {
  const cleanup = cleanupAfter();
  let embedded: EmbeddedCliTarget;
  let first: ContainerdCliTarget;
  let second: ContainerdCliTarget;
  let shell: OpenShell;
  const ids: Record<string, string> = {};
  const containerd = { name: "containerd" };

  before(async () => {
    embedded = await embeddedCli(cleanup);
    [first, second] = await Promise.all([containerdCli(cleanup), containerdCli(cleanup)]);
    ids.embedded = await embedded.runDetached("here", ["sleep", "100000"]);
    ids.first = await first.runDetached("one", ["sleep", "100000"]);
    ids.second = await second.runDetached("two", ["sleep", "100000"]);
    shell = await openShell(cleanup, embedded);
  });

  it("goes to a socket, to another one, and back to the embedded runtime", async () => {
    await shell.run(`connect ${first.containerd.endpoint}`, /containerd \S+ at unix:/, containerd);
    await shell.run("ps -q", new RegExp(`^${ids.first}$`), containerd);
    await shell.run("use one/one", /use/, { ...containerd, context: "default/one/one" });
    await shell.run(
      `connect ${second.containerd.endpoint}`,
      /default\/one\/one is no longer in use\ncontainerd/,
      containerd,
    );
    await shell.run("ps -q", new RegExp(`^${ids.second}$`), containerd);
    await shell.run("exec two hostname", /^two$/, containerd);
    await shell.run("connect embedded:", /crish \S+ at embedded:/);
    await shell.run("ps -q", new RegExp(`^${ids.embedded}$`));
    await shell.run("exec here hostname", /^here$/);
  });

  it("goes to a port, and runs commands there", async () => {
    const endpoint = `tcp://127.0.0.1:${await freePort()}`;
    const server = embedded.spawn(["serve", "--listen", endpoint]);
    cleanup.add("end the server", () => void server.kill("SIGTERM"));
    let told = "";
    server.stderr?.on("data", (chunk: Buffer) => {
      told += chunk;
    });
    await waitUntil("the server serves", async () => told.includes("serving CRI"));
    const served = { name: "crish" };
    await shell.run(`connect ${endpoint}`, new RegExp(`crish \\S+ at ${endpoint}`), served);
    await shell.run("ps -q", new RegExp(`^${ids.embedded}$`), served);
    await shell.run("exec here hostname", /^here$/, served);
    await shell.run("connect embedded:", /at embedded:/);
  });

  it("goes to a runtime by the name of a context, as `context use` does", async () => {
    const home = await temporaryDirectory(cleanup, "contexts");
    await mkdir(join(home, "crish"));
    const contexts = {
      first: { "runtime-endpoint": first.containerd.endpoint },
      here: { "runtime-endpoint": "embedded:" },
    };
    const text = JSON.stringify({ "current-context": "first", contexts });
    await writeFile(join(home, "crish", "config.yaml"), text);
    const { CONTAINER_RUNTIME_ENDPOINT: _, ...root } = embedded.env;
    const env = { ...root, XDG_CONFIG_HOME: home };
    const named = await openShell(cleanup, { ...first, env });
    await named.run("use one/one", /use/, { context: "default/one/one" });
    const here = { name: "embedded" };
    await named.run("context use here", /here\n[\s\S]*at embedded:/, here);
    await named.run("ps -q", new RegExp(`^${ids.embedded}$`), here);
    await named.run("connect first", /containerd \S+ at unix:/);
    await named.run("ps -q", new RegExp(`^${ids.first}$`));
    await named.run("connect fist", /there is no context "fist"\nhint: did you mean first\?/, {
      status: 2,
    });
    await named.run("context set gone -r unix:///gone.sock", /gone/);
    await named.run("context use gone", /cannot connect to "unix:\/\/\/gone.sock"/, {
      name: "no runtime",
    });
    await named.run("context use first", /containerd \S+ at unix:/);
    await named.run("ps -q --context here", new RegExp(`^${ids.embedded}$`));
    await named.run("ps -q", new RegExp(`^${ids.first}$`));
  });

  it("stays where it is when a socket is silent, and Ctrl-C ends the waiting", async () => {
    const path = join(embedded.directory, "silent.sock");
    await listenOnPath(cleanup, path);
    await shell.run(`connect unix://${path}`, /cannot connect to [\s\S]*no answer[\s\S]*hint/, {
      status: 3,
    });
    await shell.run("ps -q", new RegExp(`^${ids.embedded}$`));
    await shell.terminal.clear();
    await shell.terminal.enter(`connect unix://${path}`);
    await shell.terminal.waitFor(/silent\.sock$/m);
    await shell.terminal.waitForCookedMode();
    await shell.terminal.press("C-c");
    await shell.prompt({ status: 130 });
    assert.doesNotMatch(await shell.terminal.transcript(), /cannot connect/);
  });

  it("says why where nobody may connect, or nobody listens", async () => {
    await chmod(embedded.directory, 0o755);
    await chmod(embedded.root.directory, 0o755);
    const socket = join(embedded.directory, "roots.sock");
    await listenOnPath(cleanup, socket);
    await chmod(socket, 0o600);
    const { command, args } = await crishForNobody(cleanup);
    const nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    const terminal = await openTerminal(cleanup, {
      CONTAINER_RUNTIME_ENDPOINT: `unix://${socket}`,
    });
    await terminal.enter([...nobody, command, ...args].join(" "));
    await terminal.waitFor(/permission denied[\s\S]*hint: [\s\S]*crish no runtime>$/);
    await terminal.clear();
    await terminal.enter(`connect unix://${socket}`);
    await terminal.waitFor(/cannot connect to "[^"]*": permission denied[\s\S]*\[3\]>$/);
    await terminal.enter("connect unix:///nowhere.sock");
    await terminal.waitFor(/no such file[\s\S]*\[3\]>$/);
    await terminal.enter("exit 0");
    await terminal.waitFor(/\$$/);
  });
});
