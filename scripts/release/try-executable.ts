import { spawnSync } from "node:child_process";
import { hostTarget, type Target } from "./targets.ts";

/** Says what an executable answers when it is asked for its version, or why it cannot run here. */
export function tryExecutable(target: Target, file: string): string {
  const emulator = emulatorFor(target);
  const [command, args] = emulator === undefined ? [file, []] : [emulator, [file]];
  const { status, error, stdout } = spawnSync(command, [...args, "version", "--client"], {
    encoding: "utf8",
    timeout: 60_000,
  });
  if (status === 0) return `runs, ${stdout.trim()}`;
  if (target.name === hostTarget().name) throw error ?? new Error(`"${file}" ended with ${status}`);
  return `built, and not run: this machine has no ${missing(target, emulator)}`;
}

/** qemu runs it where the target's own libc is in $QEMU_LD_PREFIX. */
function emulatorFor({ cpu }: Target): string | undefined {
  if (cpu === process.arch) return undefined;
  return cpu === "arm64" ? "qemu-aarch64-static" : "qemu-x86_64-static";
}

function missing({ cpu, libc }: Target, emulator: string | undefined): string {
  const libraries = libc === "musl" ? "musl with libstdc++ and libgcc" : "glibc";
  return emulator === undefined ? libraries : `${emulator} with ${libraries} for ${cpu}`;
}
