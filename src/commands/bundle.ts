import { resolve } from "node:path";
import type { BundleContents } from "../cli/bundle/collect-bundle.ts";
import type { Command } from "../cli/command.ts";
import { formatCount } from "../output/format-count.ts";
import { formatSize } from "../output/format-size.ts";

/** Collects what a report of a fault needs, secrets taken out, into one archive. */
export const bundle: Command = {
  spec: {
    name: "bundle",
    summary: "collect what a bug report needs into one archive, without secrets",
    description:
      "Versions, the report of doctor, configuration, pods, containers and images with all that is " +
      "known of them, mounts, processes, links, packet filter, and what the kernel and the journal say. " +
      "Values of environment variables, credentials and what looks like them are taken out. Containers' " +
      "logs come only with --with-logs, as they may hold anything. What could not be collected stands " +
      "in errors.txt inside; a runtime that hangs costs some seconds. Nothing of the node is changed, " +
      "but where the embedded runtime is in use, what killed commands left is finished as by any command.",
    examples: [
      { line: "crish bundle", meaning: "A file in this directory, named by the time" },
      { line: "crish bundle -o /tmp/report.tar.gz", meaning: "That file" },
      {
        line: "crish bundle --with-logs --log-lines 500",
        meaning: "With the end of each container's log",
      },
      {
        line: "crish bundle -o - | ssh host 'cat > b.tar.gz'",
        meaning: "Straight to another host",
      },
    ],
    args: [],
    flags: [
      {
        name: "output",
        short: "o",
        type: "string",
        meaning: "the file to write; - is stdout",
        placeholder: "FILE",
        completion: "file",
      },
      { name: "force", short: "f", type: "boolean", meaning: "replace a file that is there" },
      {
        name: "with-logs",
        type: "boolean",
        meaning: "add the end of each container's log, which may hold secrets",
      },
      {
        name: "log-lines",
        type: "integer",
        default: 100,
        meaning: "lines of each log, with --with-logs",
        placeholder: "N",
      },
    ],
    toleratesSettings: true,
    group: "runtime",
  },
  async run(context, { flags }) {
    const madeAt = new Date();
    const toStdout = flags.output === "-";
    const file = resolve(context.cwd, String(flags.output ?? defaultName(madeAt)));
    const force = flags.force === true;
    const { refuseExisting, writeBundle } = await import("../cli/bundle/write-bundle.ts");
    if (!toStdout) await refuseExisting(file, { force });
    const { collectBundle } = await import("../cli/bundle/collect-bundle.ts");
    const { makeArchive } = await import("../cli/bundle/make-archive.ts");
    const logLines = flags["with-logs"] === true ? Number(flags["log-lines"]) : 0;
    const contents = await collectBundle(context, { logLines: Math.max(0, logLines) });
    const archive = await makeArchive(contents.files, madeAt);
    if (toStdout) await context.stdout.write(archive);
    else await writeBundle(file, archive, { force });
    const told = toStdout ? context.stderr : context.stdout;
    const heading = toStdout ? "" : `${file}\n`;
    await told.write(`${heading}${describeContents(contents, archive.length, logLines)}`);
    return 0;
  },
};

function defaultName(madeAt: Date): string {
  const stamp = madeAt.toISOString().replaceAll(/[-:]|\.\d+Z$/g, "");
  return `crish-bundle-${stamp.replace("T", "-")}.tar.gz`;
}

function describeContents(
  { files, errors }: BundleContents,
  sizeBytes: number,
  logLines: number,
): string {
  const width = Math.max(...files.map(({ name }) => name.length));
  const lines = files.map(
    ({ name, data }) => `  ${name.padEnd(width)}  ${formatSize(data.length)}`,
  );
  const logs = logLines > 0 ? "containers' logs are in it" : "without containers' logs";
  lines.push(`${formatCount(files.length, "file")}, ${formatSize(sizeBytes)}, ${logs}`);
  if (errors.length > 0) lines.push(`${errors.length} not collected: see errors.txt in it`);
  return lines.map((line) => `${line}\n`).join("");
}
