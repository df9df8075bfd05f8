import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecOverrides, TerminalSize } from "../../cri/backend.ts";
import { StatusError } from "../../errors/status-error.ts";
import { randomId } from "../../host/random-id.ts";
import type { Engine } from "../engine.ts";
import { mergeEnvironment } from "../oci/environment.ts";
import { readInsideRoot } from "../oci/read-inside-root.ts";
import { resolveUserText } from "../oci/resolve-user.ts";
import type { RuntimeSpec, SpecProcess } from "../oci/runtime-spec.ts";
import { shimFiles } from "../shim/shim-files.ts";
import type { ContainerRecord } from "./container-record.ts";

export interface ExecWish {
  readonly cmd: readonly string[];
  readonly tty: boolean;
  readonly overrides?: ExecOverrides | undefined;
  /** What the terminal has from its first moment. */
  readonly size?: TerminalSize | undefined;
}

/** Writes the process for `runc exec --process` into a file of its own, which the caller removes. */
export async function writeProcessFile(
  engine: Engine,
  record: ContainerRecord,
  wish: ExecWish,
): Promise<string> {
  if (wish.cmd.length === 0 || wish.cmd[0] === "") {
    throw new StatusError("InvalidArgument", "there is no command to execute");
  }
  const files = shimFiles(engine.paths, record.id);
  const spec = JSON.parse(readFileSync(files.spec, "utf8")) as RuntimeSpec;
  const path = join(files.bundle, `process-${randomId().slice(0, 12)}.json`);
  const process = withOverrides(spec.process, wish, files.rootfs);
  writeFileSync(path, JSON.stringify(process), { mode: 0o600 });
  return path;
}

function withOverrides(process: SpecProcess, wish: ExecWish, rootfs: string): SpecProcess {
  const { user, env = [], cwd } = wish.overrides ?? {};
  if (cwd !== undefined && !cwd.startsWith("/")) {
    throw new StatusError("InvalidArgument", `working directory "${cwd}" is not absolute`);
  }
  const term = wish.tty ? ["TERM=xterm"] : [];
  const { columns: width = 0, rows: height = 0 } = wish.size ?? {};
  return {
    ...process,
    args: wish.cmd,
    terminal: wish.tty,
    ...(width > 0 && height > 0 ? { consoleSize: { height, width } } : {}),
    env: mergeEnvironment([...term, ...process.env, ...env]),
    cwd: cwd ?? process.cwd,
    ...(user === undefined ? {} : { user: findUser(user, rootfs) }),
  };
}

function findUser(user: string, rootfs: string) {
  if (!/^[^:]+(:[^:]+)?$/.test(user)) {
    throw new StatusError("InvalidArgument", `"${user}" is not of the form user[:group]`);
  }
  return resolveUserText(user, {
    passwd: readInsideRoot(rootfs, "/etc/passwd"),
    group: readInsideRoot(rootfs, "/etc/group"),
  });
}
