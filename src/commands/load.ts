import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import type { Command } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { getImageStore } from "../cli/get-image-store.ts";
import { startProgress } from "../cli/progress.ts";
import type { LoadedImage } from "../cri/image-store.ts";
import { errnoText } from "../errors/errno-text.ts";
import { StatusError } from "../errors/status-error.ts";

/** Loads images from an archive. */
export const load: Command = {
  spec: {
    name: "load",
    summary: "load images from an archive (OCI layout or docker save)",
    description:
      "The archive is a tar file, plain or compressed with gzip or zstd; - is stdin. CRI has no call for it: the embedded runtime loads, and containerd through its own services.",
    examples: [
      { line: "crish -r embedded: load app.tar", meaning: "From a file" },
      { line: "gzip -dc app.tar.gz | crish load -", meaning: "From a pipe" },
    ],
    args: [
      {
        name: "archive",
        meaning: "tar file; - or nothing is stdin",
        required: false,
        completion: "file",
      },
    ],
    flags: [
      {
        name: "input",
        short: "i",
        type: "path",
        meaning: "the archive, as docker load has it",
        placeholder: "FILE",
        completion: "file",
      },
      {
        name: "name",
        type: "string",
        meaning: "name for an image that the archive does not name",
        placeholder: "NAME[:TAG]",
      },
      { name: "quiet", short: "q", type: "boolean", meaning: "print image IDs alone" },
    ],
    object: "image",
    group: "images",
  },
  async run(context, { args, flags }) {
    const path = archivePath(args.archive, flags.input);
    const file = path === "-" ? "ARCHIVE.tar" : path;
    const imageStore = await getImageStore(context, {
      what: "load images",
      containerd: `ctr -n k8s.io images import ${file}`,
      crio: `podman load -i ${file}`,
      docker: `docker load -i ${file}`,
    });
    const archive = await openArchive(context, path);
    const progress = startProgress(context.stderr, `Loading ${path === "-" ? "stdin" : path}`);
    let loaded: readonly LoadedImage[];
    try {
      loaded = await imageStore.load(archive, {
        signal: context.signal,
        onProgress: progress.update,
        ...(typeof flags.name === "string" && flags.name !== "" ? { reference: flags.name } : {}),
      });
    } finally {
      await progress.done();
      if (path !== "-") archive.destroy();
    }
    await context.stdout.write(
      loaded.map((image) => resultLines(image, flags.quiet === true)).join(""),
    );
    return 0;
  },
};

function archivePath(positional: unknown, flag: unknown): string {
  const named = [positional, flag].filter((path) => typeof path === "string" && path !== "");
  if (named.length > 1) throw new StatusError("InvalidArgument", "name one archive, not two");
  return typeof named[0] === "string" ? named[0] : "-";
}

async function openArchive(context: Context, path: string): Promise<Readable> {
  if (path === "-") {
    if (!context.stdin.isTty) return context.stdin.stream();
    throw new StatusError("InvalidArgument", "an archive cannot come from the terminal", {
      hint: "name a file, or pipe one in",
    });
  }
  const absolute = resolve(context.cwd, path);
  try {
    const facts = await stat(absolute);
    if (facts.isDirectory()) {
      throw new StatusError("InvalidArgument", `cannot load "${path}": it is a directory`, {
        hint: `tar it first: tar -C ${path} -c . | crish load -`,
      });
    }
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw new StatusError("InvalidArgument", `cannot load "${path}": ${errnoText(error)}`);
  }
  return createReadStream(absolute, { highWaterMark: 1024 * 1024 });
}

function resultLines({ imageId, references }: LoadedImage, quiet: boolean): string {
  if (quiet) return `${imageId}\n`;
  if (references.length === 0) return `Loaded image ID: ${imageId}\n`;
  return references.map((reference) => `Loaded image: ${reference}\n`).join("");
}
