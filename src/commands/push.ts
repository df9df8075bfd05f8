import type { Command } from "../cli/command.ts";
import { CREDENTIAL_FLAGS } from "../cli/flag-sets.ts";
import { getImageStore } from "../cli/get-image-store.ts";
import { startProgress } from "../cli/progress.ts";
import { readRegistryAuth } from "../cli/registry-auth.ts";
import { getStoreNames } from "../cli/store-names.ts";
import type { PushedImage } from "../cri/image-store.ts";

/** Pushes an image. */
export const push: Command = {
  spec: {
    name: "push",
    summary: "push an image to its registry, or under another name",
    description: [
      "Only what the registry lacks is sent. Of an image for several platforms of which one was pulled,",
      "that platform's manifest is pushed, and told. On containerd layers go as they are there, as with",
      "ctr, and where the node's hosts.toml says; credentials go to the registry or its server alone.",
    ].join("\n"),
    examples: [
      { line: "crish push registry.example/team/app:1.2", meaning: "Under its own name" },
      { line: "crish push app:1.2 127.0.0.1:5000/app:1.2", meaning: "Under another" },
      {
        line: "crish push -u me app:1.2 registry.example/app:1.2",
        meaning: "Asks for the password",
      },
    ],
    args: [
      {
        name: "image",
        meaning: "name, digest, ID or unique prefix of the ID",
        required: true,
        completion: "image",
      },
      {
        name: "target",
        meaning: "NAME[:TAG] to push it under",
        required: false,
        completion: "image",
        isNew: true,
      },
    ],
    flags: [
      ...CREDENTIAL_FLAGS,
      {
        name: "push-timeout",
        type: "duration",
        meaning: "limit for the push; 0 is none",
        placeholder: "DURATION",
      },
      { name: "quiet", short: "q", type: "boolean", meaning: "print the digest alone" },
    ],
    object: "image",
    changes: true,
    group: "images",
  },
  async run(context, { args, flags }) {
    const image = String(args.image);
    const target = typeof args.target === "string" ? args.target : undefined;
    const to = target ?? image;
    const store = await getImageStore(context, {
      what: "push images",
      containerd: `ctr -n k8s.io images push ${to}${target === undefined ? "" : ` ${image}`}`,
      crio: `podman push ${image}${target === undefined ? "" : ` ${target}`}`,
      docker:
        target === undefined
          ? `docker push ${image}`
          : `docker tag ${image} ${to} && docker push ${to}`,
    });
    const [name = image] = await getStoreNames(context, [image]);
    const auth = await readRegistryAuth(context, flags, target ?? name);
    const limitMs = flags["push-timeout"];
    const progress = startProgress(context.stderr, `Pushing ${to}`);
    let pushed: PushedImage;
    try {
      pushed = await store.push(name, {
        signal: context.signal,
        timeoutMs: typeof limitMs === "number" ? limitMs : (context.settings.timeoutMs ?? 0),
        onProgress: progress.update,
        ...(target === undefined ? {} : { target }),
        ...(auth === undefined ? {} : { auth }),
      });
    } finally {
      await progress.done();
    }
    const { reference, digest, missingPlatforms } = pushed;
    if (missingPlatforms.length > 0) {
      await context.stderr.write(
        `only this platform's image was pushed: ${missingPlatforms.join(", ")} of its index is not here\n`,
      );
    }
    await context.stdout.write(
      flags.quiet === true ? `${digest}\n` : `Pushed: ${reference}@${digest}\n`,
    );
    return 0;
  },
};
