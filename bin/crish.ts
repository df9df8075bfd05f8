#!/usr/bin/env node
/** Starts the program, and nothing else: what is asked most often is answered before anything is loaded. */
import { CRISH_VERSION } from "../src/cli/version.ts";

const argv = process.argv.slice(2);
const first = argv[0];
/** Started under that name, by a symbolic link: the name is the first word, or on Node the second. */
const isCrictl = namesCrictl(process.argv0) || namesCrictl(process.argv[1]);

if (
  !isCrictl &&
  argv.length === 1 &&
  (first === "--version" || first === "-v" || first === "-version")
) {
  // console costs nothing at start, where opening process.stdout takes milliseconds
  console.log(`crish version ${CRISH_VERSION}`);
} else if (first === "internal" && argv[1] === "complete") {
  const { answerShell } = await import("../src/cli/complete/answer-shell.ts");
  // What fails in the background is no answer, and no reason to disturb the line that is typed.
  process.on("uncaughtException", () => {});
  console.log(await answerShell({ argv: argv.slice(2), env: process.env, cwd: process.cwd() }));
  process.exit(0);
} else if (first === "internal" && argv[1] !== "crictl") {
  const { runInternal } = await import("../src/runtime/internal.ts");
  // A helper ends with its work, whatever is still open then.
  process.exit(await runInternal(argv.slice(1)));
} else {
  const { startProcess } = await import("../src/cli/start-process.ts");
  // Said by the npm package's launcher, which cannot pass on the name it was started under.
  const isSaid = first === "internal";
  const words = isSaid ? argv.slice(2) : argv;
  await startProcess(words, (status) => process.exit(status), isCrictl || isSaid);
}

function namesCrictl(path: string | undefined): boolean {
  return path === "crictl" || path?.endsWith("/crictl") === true;
}
