import { UsageError } from "./read-arguments.ts";

/** The machines that crish is built for, and what each is called by those who carry it there. */
export interface Target {
  /** As on the command line, in file names and in `crish version --client -o json`. */
  readonly name: string;
  readonly cpu: "x64" | "arm64";
  readonly libc: "glibc" | "musl";
  /** The npm package that holds Bun for this target. */
  readonly bunPackage: string;
  /** Debian's name of the architecture. Debian itself is glibc only. */
  readonly debianArchitecture?: string;
}

export const TARGETS: readonly Target[] = [
  {
    name: "linux-x64",
    cpu: "x64",
    libc: "glibc",
    bunPackage: "@oven/bun-linux-x64",
    debianArchitecture: "amd64",
  },
  {
    name: "linux-arm64",
    cpu: "arm64",
    libc: "glibc",
    bunPackage: "@oven/bun-linux-aarch64",
    debianArchitecture: "arm64",
  },
  {
    name: "linux-x64-musl",
    cpu: "x64",
    libc: "musl",
    bunPackage: "@oven/bun-linux-x64-musl",
  },
  {
    name: "linux-arm64-musl",
    cpu: "arm64",
    libc: "musl",
    bunPackage: "@oven/bun-linux-aarch64-musl",
  },
];

/** The targets of `names`, "all" among them; throws UsageError where there is no such target. */
export function targetsNamed(names: readonly string[]): readonly Target[] {
  if (names.includes("all")) return TARGETS;
  return names.map((name) => {
    const target = TARGETS.find((candidate) => candidate.name === name);
    if (target !== undefined) return target;
    const known = TARGETS.map((candidate) => candidate.name).join(", ");
    throw new UsageError(`there is no target "${name}"; known are: ${known}, all`);
  });
}

/** What this machine is. A build runs on glibc: Bun's packages for musl are only built with, not run. */
export function hostTarget(): Target {
  const name = `linux-${process.arch}`;
  const target =
    process.platform === "linux" ? TARGETS.find((one) => one.name === name) : undefined;
  if (target === undefined) throw new Error(`no target for ${process.platform} on ${process.arch}`);
  return target;
}
