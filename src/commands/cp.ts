import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { type CopyOptions, copy } from "../cli/cp/copy.ts";
import { parsePlace } from "../cli/cp/parse-place.ts";
import { EXIT } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";

/** Copies files between this host and a container. */
export const cp: Command = {
  spec: {
    name: "cp",
    summary: "copy files and directories into a container, or out of one",
    description: [
      "Into a directory that is there under the source's own name, else under the destination's last",
      "name; SOURCE/. means what lies in a directory. - is a tar archive on stdin or stdout. Links are",
      "copied as links, and none leads out of the container or out of the destination. Copies belong",
      "to whoever runs crish, in the container to root, unless -a. Devices, sockets and pipes are left",
      "out, each told by its name; extended attributes are not copied. The files are reached through",
      "the node's /proc, which needs root and nothing in the image, else through the container's own",
      "tar. Of a container that does not run they can be had on the embedded runtime, with what of this",
      "node was mounted into it; other runtimes unmount its root file system.",
    ].join("\n"),
    examples: [
      { line: "crish cp web:/etc/nginx/nginx.conf .", meaning: "A file out of a container" },
      {
        line: "crish cp site/. shop/web/app:/srv/www",
        meaning: "What lies in site, into /srv/www",
      },
      { line: "crish cp web:/var/log - | tar -t", meaning: "A directory as an archive" },
    ],
    args: [
      {
        name: "source",
        meaning: "CONTAINER:PATH, a path of this host, or - for an archive on stdin",
        required: true,
        completion: "container-file",
      },
      {
        name: "destination",
        meaning: "the same, - for an archive on stdout",
        required: true,
        completion: "container-file",
      },
    ],
    flags: [
      { name: "archive", short: "a", type: "boolean", meaning: "keep owners" },
      {
        name: "follow-link",
        short: "L",
        type: "boolean",
        meaning: "a source that is a link is what it leads to",
      },
      { name: "quiet", short: "q", type: "boolean", meaning: "no progress" },
      {
        name: "via",
        type: "enum",
        values: ["proc", "tar"],
        meaning: "without the container's tar (proc), or with it alone (tar)",
        placeholder: "WAY",
      },
    ],
    group: "containers",
  },
  async run(context, { args, flags }) {
    const source = parsePlace(String(args.source));
    const destination = parsePlace(String(args.destination));
    await copy(context, source, destination, readOptions(context, flags));
    return EXIT.success;
  },
};

function readOptions(context: Context, flags: CommandInput["flags"]): CopyOptions {
  const { via } = flags;
  if (via !== undefined && via !== "proc" && via !== "tar") {
    throw new StatusError("InvalidArgument", `there is no way "${String(via)}"`);
  }
  return {
    keepOwners: flags.archive === true,
    follow: flags["follow-link"] === true,
    showsProgress: flags.quiet !== true && context.stdout.isTty,
    via,
  };
}
