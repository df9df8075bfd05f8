import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { getImageStore } from "../cli/get-image-store.ts";
import { type Progress, startProgress } from "../cli/progress.ts";
import { refuseSeveralFromStdin } from "../cli/read-config-argument.ts";
import { withProgressEach } from "../cli/with-progress-each.ts";
import type { ImageStore, LoadedImage } from "../cri/image-store.ts";
import { errnoText } from "../errors/errno-text.ts";
import { StatusError } from "../errors/status-error.ts";

/** Loads images from archives. */
export const load: Command = {
  spec: {
    name: "load",
    summary: "load images from archives (OCI layout or docker save)",
    description:
      "The archive is a tar file, plain or compressed with gzip or zstd; - is stdin. CRI has no call for it: the embedded runtime loads, and containerd through its own services.",
    examples: [
      { line: "crish -r embedded: load app.tar", meaning: "From a file" },
      { line: "crish load images/*.tar", meaning: "Several, a few at a time" },
      { line: "gzip -dc app.tar.gz | crish load -", meaning: "From a pipe" },
    ],
    args: [
      {
        name: "archive",
        meaning: "tar file; - or nothing is stdin",
        required: false,
        variadic: true,
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
        meaning: "name for an image that the archive does not name, and for one archive alone",
        placeholder: "NAME[:TAG]",
      },
      { name: "quiet", short: "q", type: "boolean", meaning: "print image IDs alone" },
    ],
    object: "image",
    changes: true,
    group: "images",
  },
  async run(context, { args, flags }) {
    const [first = "-", ...others] = archivePaths(args.archive, flags.input);
    if (others.length > 0 && nameFlag(flags) !== undefined) {
      throw new StatusError("InvalidArgument", "--name is for one archive, not for several");
    }
    const file = first === "-" ? "ARCHIVE.tar" : first;
    const store = await getImageStore(context, {
      what: "load images",
      containerd: `ctr -n k8s.io images import ${file}`,
      crio: `podman load -i ${file}`,
      docker: `docker load -i ${file}`,
    });
    if (others.length === 0) {
      const start = (label: string) => startProgress(context.stderr, label);
      await context.stdout.write(await loadOne(context, { store, path: first, flags, start }));
      return 0;
    }
    return await withProgressEach(context, [first, ...others], {
      verb: "load",
      work: (path, start) => loadOne(context, { store, path, flags, start }),
    });
  },
};

function archivePaths(positional: unknown, flag: unknown): readonly string[] {
  const named = [positional, flag]
    .flat()
    .filter((path): path is string => typeof path === "string" && path !== "");
  if (named.length > 1 && typeof flag === "string" && flag !== "") {
    throw new StatusError("InvalidArgument", "-i names the one archive, but others were given");
  }
  refuseSeveralFromStdin(named);
  return [...new Set(named)];
}

interface LoadOptions {
  readonly store: ImageStore;
  readonly path: string;
  readonly flags: CommandInput["flags"];
  start(label: string): Progress;
}

/** Resolves to what is told of it. */
async function loadOne(
  context: Context,
  { store, path, flags, start }: LoadOptions,
): Promise<string> {
  const archive = await openArchive(context, path);
  const progress = start(`Loading ${path === "-" ? "stdin" : path}`);
  const reference = nameFlag(flags);
  try {
    const loaded = await store.load(archive, {
      signal: context.signal,
      onProgress: progress.update,
      ...(reference === undefined ? {} : { reference }),
    });
    return loaded.map((image) => resultLines(image, flags.quiet === true)).join("");
  } finally {
    await progress.done();
    if (path !== "-") archive.destroy();
  }
}

function nameFlag({ name }: CommandInput["flags"]): string | undefined {
  return typeof name === "string" && name !== "" ? name : undefined;
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
