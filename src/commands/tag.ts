import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import { getImageStore } from "../cli/get-image-store.ts";
import { listOf } from "../cli/inspect-each.ts";
import { runForEach } from "../cli/run-for-each.ts";
import { getStoreNames } from "../cli/store-names.ts";

/** Names an image. */
export const tag: Command = {
  spec: {
    name: "tag",
    summary: "give an image further names",
    description: "A name that another image has moves to this one; that image stays.",
    examples: [
      { line: "crish tag app:1.2 registry.example/team/app:1.2", meaning: "To push it there" },
      { line: "crish tag 4f53cda18c2b app:stable app:1", meaning: "Two names at once" },
    ],
    args: [
      {
        name: "image",
        meaning: "name, digest, ID or unique prefix of the ID",
        required: true,
        completion: "image",
      },
      {
        name: "name",
        meaning: "NAME[:TAG]",
        required: true,
        variadic: true,
        completion: "image",
        isNew: true,
      },
    ],
    flags: [],
    object: "image",
    changes: true,
    group: "images",
  },
  async run(context, { args }) {
    const image = String(args.image);
    const names = listOf(args.name);
    const list = names.join(" ");
    const store = await getImageStore(context, {
      what: "tag images",
      containerd: `ctr -n k8s.io images tag ${image} ${list}`,
      crio: `podman tag ${image} ${list}`,
      docker: `docker tag ${image} ${list}`,
    });
    const [source = image] = await getStoreNames(context, [image]);
    const items = names.map((name) => ({ reference: name, object: { id: name } }));
    return await runForEach(context, items, async ({ id: name }) => {
      await store.tag(source, name, callOptions(context));
      return `Tagged: ${name}\n`;
    });
  },
};
