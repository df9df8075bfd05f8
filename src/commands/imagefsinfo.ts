import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import { documentFlags } from "../cli/flag-sets.ts";
import { prepareMessage } from "../cli/prepare-message.ts";
import type { FilesystemUsage } from "../cri/gen/runtime/v1/api.ts";
import { escapeControl } from "../output/escape-control.ts";
import { formatSize } from "../output/format-size.ts";
import { formatTime } from "../output/format-time.ts";

/** Prints what images take on disk. */
export const imagefsinfo: Command = {
  spec: {
    name: "imagefsinfo",
    summary: "show what images and containers take on disk",
    examples: [{ line: "crish imagefsinfo -o table", meaning: "For reading" }],
    args: [],
    flags: documentFlags(["table"]),
    group: "images",
  },
  async run(context, { flags }) {
    const render = await prepareMessage(context, flags, "ImageFsInfoResponse", (status) => ({
      status,
    }));
    const { images } = await context.backend();
    const answer = await images.imageFsInfo({}, callOptions(context));
    const text =
      render === undefined
        ? block("Container Filesystem", answer.containerFilesystems) +
          block("Image Filesystem", answer.imageFilesystems)
        : await render(answer);
    await context.stdout.write(text);
    return 0;
  },
};

/** In crictl's words, each line with the number of its file system. */
function block(title: string, list: readonly FilesystemUsage[]): string {
  const lines = list.flatMap(({ timestamp, fsId, usedBytes, inodesUsed }, index) => [
    `TimeStamp[${index}]: ${formatTime(timestamp)}`,
    `Disk[${index}]: ${formatSize(usedBytes?.value ?? 0n, 4)}`,
    `Inodes[${index}]: ${inodesUsed?.value ?? 0n}`,
    `Mountpoint[${index}]: ${escapeControl(fsId?.mountpoint ?? "")}`,
  ]);
  return [`${title} `, ...lines, ""].map((line) => `${line}\n`).join("");
}
