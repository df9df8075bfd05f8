import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { CACHE } from "./checkout.ts";
import { runOk } from "./run.ts";

/** A directory with Debian's libc for arm64, for qemu's QEMU_LD_PREFIX; fetched once. */
export async function arm64Libraries(): Promise<string> {
  const directory = join(CACHE, "arm64-libraries");
  if (existsSync(directory)) return directory;
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, ".arm64-"));
  try {
    // Lists and archives of its own: the machine's apt never hears of another architecture.
    await mkdir(join(work, "lists/partial"), { recursive: true });
    await mkdir(join(work, "cache/archives/partial"), { recursive: true });
    const apt = [
      ...["-o", "APT::Architecture=arm64", "-o", "APT::Architectures=arm64"],
      ...[
        "-o",
        `Dir::State::Lists=${join(work, "lists")}`,
        "-o",
        `Dir::Cache=${join(work, "cache")}`,
      ],
      ...["-o", "Dir::State::status=/dev/null", "-o", "APT::Sandbox::User=root", "-q"],
    ];
    const options = { cwd: work, timeoutMs: 180_000 };
    await runOk("apt-get", [...apt, "update"], options);
    await runOk("apt-get", [...apt, "download", "libc6"], options);
    const archive = (await readdir(work)).find((name) => name.endsWith(".deb")) ?? "";
    await runOk("dpkg-deb", ["-x", join(work, archive), join(work, "root")]);
    await rename(join(work, "root"), directory);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return directory;
}
