import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import { getImageStore } from "../cli/get-image-store.ts";
import { listOf } from "../cli/inspect-each.ts";
import { resolveImages, spelledName } from "../cli/resolve-images.ts";
import { runForEach } from "../cli/run-for-each.ts";
import { StatusError } from "../errors/status-error.ts";

/** Takes names from images. */
export const untag: Command = {
  spec: {
    name: "untag",
    summary: "take a name from an image that has others",
    description: "The last tag of an image stays: rmi removes it together with the image.",
    examples: [{ line: "crish untag app:old app:older", meaning: "The other tags stay" }],
    args: [
      {
        name: "name",
        meaning: "NAME[:TAG]",
        required: true,
        variadic: true,
        completion: "image",
      },
    ],
    flags: [],
    object: "image",
    changes: true,
    group: "images",
  },
  async run(context, { args }) {
    const names = listOf(args.name);
    const list = names.join(" ");
    const store = await getImageStore(context, {
      what: "untag images",
      containerd: `ctr -n k8s.io images rm ${list}`,
      crio: `podman untag ${list}`,
      docker: `docker rmi --no-prune ${list}`,
    });
    const left = new Map<string, number>();
    const items = (await resolveImages(context, names)).map((item) => {
      if ("error" in item) return item;
      const { reference, object: image } = item;
      const name = image.repoTags.find((each) => each === spelledName(image, reference));
      if (name === undefined) return { reference, error: notATag(reference) };
      const others = left.get(image.id) ?? image.repoTags.length;
      left.set(image.id, others - 1);
      if (others <= 1) return { reference, error: lastTag(name) };
      return { reference, object: { id: name } };
    });
    return await runForEach(context, items, async ({ id: name }) => {
      await store.untag(name, callOptions(context));
      return `Untagged: ${name}\n`;
    });
  },
};

function notATag(reference: string): StatusError {
  return new StatusError("InvalidArgument", `"${reference}" is no tag of an image`, {
    hint: "crish images lists the tags",
  });
}

function lastTag(name: string): StatusError {
  return new StatusError("FailedPrecondition", `"${name}" is the last tag of its image`, {
    hint: `remove the image: crish rmi ${name}`,
  });
}
