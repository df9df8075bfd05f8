#!/usr/bin/env node
// The program on Node, of the npm package: npm only warns where Node is older than "engines" says.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (process.versions.bun !== undefined || major >= 26 || (major === 24 && minor >= 15)) {
  await import("./bin/crish.js");
} else {
  process.stderr.write(
    `crish: Node ${process.versions.node} does not run crish, ^24.15 || >=26 does\n` +
      "hint: the packages @crish/linux-x64 and @crish/linux-arm64 need none\n",
  );
  process.exitCode = 1;
}
