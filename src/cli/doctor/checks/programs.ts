import { describe } from "../../../errors/describe.ts";
import { findExecutable, getExecutable } from "../../../host/find-executable.ts";
import { type Check, type Doctor, type Finding, fail, ok, warn } from "../finding.ts";

/** What the embedded runtime starts: found where, which version, and whether it runs at all. */
export const programs: Check = {
  id: "programs",
  title: "programs of the embedded runtime",
  embedded: true,
  async run(doctor, signal) {
    const config = await doctor.node.config();
    // The default handler has two names, and is looked at once.
    const handlers = Object.entries(config.handlers).filter(
      ([name, handler]) => name === "" || handler !== config.handlers[""],
    );
    const found = await Promise.all([
      ...handlers.map(([name, { path }]) =>
        checkProgram(doctor, signal, {
          id: name === "" ? "programs.runc" : `programs.handler.${name}`,
          program: path,
          what: name === "" ? "OCI runtime" : `OCI runtime of the handler "${name}"`,
        }),
      ),
      checkProgram(doctor, signal, { id: "programs.conmon", program: config.conmon, what: "shim" }),
      checkProgram(doctor, signal, {
        id: "programs.catatonit",
        program: "catatonit",
        what: "init of pods that share their PIDs",
        isNeededAlways: false,
      }),
      checkTar(doctor, signal),
    ]);
    return [...found, ...checkPresence(doctor, ["mount", "umount", "unshare", "nsenter"])];
  },
};

interface Wanted {
  readonly id: string;
  readonly program: string;
  readonly what: string;
  readonly isNeededAlways?: boolean;
}

async function checkProgram(
  { env, run }: Doctor,
  signal: AbortSignal,
  { id, program, what, isNeededAlways = true }: Wanted,
): Promise<Finding> {
  const fault = isNeededAlways ? fail : warn;
  let path: string;
  try {
    path = getExecutable(program, env.PATH ?? "");
  } catch (error) {
    const { hint } = describe(error);
    const text = `no ${program} (${what})`;
    return fault(id, text, hint ?? `install it, or name its place in the runtime's configuration`);
  }
  try {
    const { exitCode, signal: killer, stdout, stderr } = await run(path, ["--version"], { signal });
    const firstLine = stdout.toString().trim().split("\n")[0] ?? "";
    if (exitCode === 0) return ok(id, `${path}: ${firstLine || "no version told"}`);
    const reason = stderr.toString().trim().split("\n")[0] || (killer ?? `status ${exitCode}`);
    return fault(id, `${path} (${what}) does not run: ${reason}`, reinstall(program));
  } catch (error) {
    return fault(
      id,
      `${path} (${what}) does not run: ${describe(error).message}`,
      reinstall(program),
    );
  }
}

/** Layers need GNU tar: that of busybox knows neither extended attributes nor --delay-directory-restore. */
async function checkTar(doctor: Doctor, signal: AbortSignal): Promise<Finding> {
  const wanted = { id: "programs.tar", program: "tar", what: "unpacks images" };
  const finding = await checkProgram(doctor, signal, wanted);
  if (finding.level !== "ok" || finding.text.includes("GNU tar")) return finding;
  return fail("programs.tar", `${finding.text} is not GNU tar`, "apt-get install tar");
}

function checkPresence({ env }: Doctor, names: readonly string[]): Finding[] {
  const missing = names.filter((name) => findExecutable(name, env.PATH ?? "") === undefined);
  if (missing.length === 0) return [ok("programs.system", `${names.join(", ")} are there`)];
  const fix = "apt-get install mount util-linux";
  return [fail("programs.system", `not there: ${missing.join(", ")}`, fix)];
}

function reinstall(program: string): string {
  const name = program.slice(program.lastIndexOf("/") + 1);
  return `install it anew: apt-get install --reinstall ${name}`;
}
