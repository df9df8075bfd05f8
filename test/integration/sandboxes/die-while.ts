/** Runs, stops or removes a pod on a root and dies at the failpoint: started as a process of its own. */
import { removePodSandbox } from "../../../src/runtime/services/sandbox-remove.ts";
import { runPodSandbox } from "../../../src/runtime/services/sandbox-run.ts";
import { stopPodSandbox } from "../../../src/runtime/services/sandbox-stop.ts";
import type { EmbeddedRoot } from "../../support/embedded-root.ts";
import { openTestEngine, podConfig, withNamespaces } from "./pod-root.ts";

const [, , rootJson = "{}", verb, id = ""] = process.argv;
const engine = await openTestEngine(JSON.parse(rootJson) as EmbeddedRoot);
if (verb === "run") {
  const config = podConfig(withNamespaces({ pid: 0 }));
  const { podSandboxId } = await runPodSandbox(engine, { config, runtimeHandler: "" });
  process.stdout.write(podSandboxId);
} else if (verb === "stop") {
  await stopPodSandbox(engine, { podSandboxId: id });
} else {
  await removePodSandbox(engine, { podSandboxId: id });
}
engine.close();
