import { StatusError } from "../../errors/status-error.ts";

/** The process's machine and rights: conditions of a profile are decided against them. */
export interface SeccompSubject {
  /** Go's name of the machine, as profiles use it: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly capabilities: readonly string[];
}

/**
 * A seccomp profile in OCI's form. Takes OCI's own form as it is, and that of containers-common and
 * Docker with its conditions (capabilities, machines) decided. InvalidArgument for anything else.
 */
export function convertSeccomp(profile: unknown, subject: SeccompSubject): object {
  if (!isObject(profile) || typeof profile.defaultAction !== "string") {
    throw new StatusError("InvalidArgument", "seccomp profile has no defaultAction");
  }
  const { archMap, syscalls, ...rest } = profile;
  const rules = Array.isArray(syscalls) ? syscalls.filter(isObject) : [];
  return {
    ...pick(rest, ["defaultAction", "defaultErrnoRet", "architectures", "flags"]),
    ...(Array.isArray(archMap) ? { architectures: architectures(archMap, subject) } : {}),
    syscalls: rules.filter((rule) => applies(rule, subject)).map(toOciRule),
  };
}

function toOciRule(rule: Record<string, unknown>): object {
  const names = Array.isArray(rule.names) ? rule.names : [rule.name].filter(Boolean);
  const args = rule.args;
  return {
    names,
    ...pick(rule, ["action", "errnoRet"]),
    ...(Array.isArray(args) && args.length > 0 ? { args } : {}),
  };
}

/** Every wanted capability must be there, one wanted machine must be ours, nothing excluded may be. */
function applies(rule: Record<string, unknown>, subject: SeccompSubject): boolean {
  const wants = conditions(rule.includes);
  const bars = conditions(rule.excludes);
  return (
    wants.caps.every((name) => subject.capabilities.includes(name)) &&
    (wants.arches.length === 0 || wants.arches.includes(subject.architecture)) &&
    !bars.caps.some((name) => subject.capabilities.includes(name)) &&
    !bars.arches.includes(subject.architecture)
  );
}

function conditions(value: unknown): { caps: string[]; arches: string[] } {
  const list = (key: string) => {
    const entries = isObject(value) ? value[key] : undefined;
    return Array.isArray(entries) ? entries.map(String) : [];
  };
  return { caps: list("caps"), arches: list("arches") };
}

/** libseccomp's names of the machines that have conditions in profiles. */
const NATIVE: Readonly<Record<string, string>> = {
  amd64: "SCMP_ARCH_X86_64",
  arm64: "SCMP_ARCH_AARCH64",
  s390x: "SCMP_ARCH_S390X",
  riscv64: "SCMP_ARCH_RISCV64",
  ppc64le: "SCMP_ARCH_PPC64LE",
};

function architectures(archMap: readonly unknown[], subject: SeccompSubject): string[] {
  const native = NATIVE[subject.architecture] ?? "";
  const entry = archMap.filter(isObject).find((one) => one.architecture === native);
  const others = entry?.subArchitectures;
  return [native, ...(Array.isArray(others) ? others.map(String) : [])].filter(Boolean);
}

function pick(from: Record<string, unknown>, keys: readonly string[]): object {
  return Object.fromEntries(
    keys
      .filter((key) => from[key] !== undefined && from[key] !== null)
      .map((key) => [key, from[key]]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
