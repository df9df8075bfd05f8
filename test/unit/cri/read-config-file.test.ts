import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readConfigFile } from "../../../src/cri/read-config-file.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

describe("readConfigFile", () => {
  const cleanup = cleanupAfter();

  it("reads a pod's configuration", async () => {
    const path = join(await temporaryDirectory(cleanup), "pod.yaml");
    await writeFile(path, "metadata: {name: web, namespace: default}\n");
    const config = await readConfigFile("PodSandboxConfig", path);
    assert.deepEqual(config.metadata, { name: "web", uid: "", namespace: "default", attempt: 0 });
  });

  it("says why a file cannot be read", async () => {
    const directory = await temporaryDirectory(cleanup);
    const missing = join(directory, "none.json");
    const code = "InvalidArgument";
    await assert.rejects(readConfigFile("PodSandboxConfig", missing), {
      code,
      message: `cannot read "${missing}": no such file`,
    });
    await assert.rejects(readConfigFile("PodSandboxConfig", directory), {
      code,
      message: `cannot read "${directory}": it is a directory`,
    });
    const binary = join(directory, "binary");
    await writeFile(binary, Buffer.from([0xff, 0xfe, 0x00]));
    await assert.rejects(readConfigFile("PodSandboxConfig", binary), {
      code,
      message: `cannot read "${binary}": it is not UTF-8 text`,
    });
  });
});
