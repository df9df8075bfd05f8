import type { Command } from "../cli/command.ts";
import { getImageStore } from "../cli/get-image-store.ts";
import { listOf } from "../cli/inspect-each.ts";
import { openArchiveSink } from "../cli/open-archive-sink.ts";
import { startProgress } from "../cli/progress.ts";
import { getStoreNames } from "../cli/store-names.ts";

/** Saves images in an archive. */
export const save: Command = {
  spec: {
    name: "save",
    summary: "save images in an archive that load, docker, podman, ctr and skopeo read",
    description: [
      "The archive is a tar file, an OCI layout that has docker's manifest.json as well; several images",
      "share what they have in common. An image given by its ID is saved without a name. The file",
      "appears when it is whole.",
    ].join("\n"),
    examples: [
      { line: "crish save -o app.tar app:1.2", meaning: "Into a file" },
      { line: "crish save app:1.2 db:16 | ssh node2 crish load -", meaning: "To another node" },
    ],
    args: [
      {
        name: "image",
        meaning: "name, digest, ID or unique prefix of the ID",
        required: true,
        variadic: true,
        completion: "image",
      },
    ],
    flags: [
      {
        name: "output",
        short: "o",
        type: "path",
        meaning: "the archive; - or nothing is stdout",
        placeholder: "FILE",
        completion: "file",
      },
    ],
    object: "image",
    group: "images",
  },
  async run(context, { args, flags }) {
    const references = listOf(args.image);
    const path = typeof flags.output === "string" && flags.output !== "" ? flags.output : "-";
    const list = references.join(" ");
    const file = path === "-" ? "ARCHIVE.tar" : path;
    const store = await getImageStore(context, {
      what: "save images",
      containerd: `ctr -n k8s.io images export ${file} ${list}`,
      crio: `podman save -o ${file} ${list}`,
      docker: `docker save -o ${file} ${list}`,
    });
    const names = await getStoreNames(context, references);
    const sink = await openArchiveSink(context, path);
    const progress = startProgress(context.stderr, `Saving ${list}`);
    try {
      await store.save(names, sink.stream, {
        signal: context.signal,
        onProgress: progress.update,
      });
      await sink.commit();
    } catch (error) {
      throw sink.toError(error);
    } finally {
      await sink.discard();
      await progress.done();
    }
    return 0;
  },
};
