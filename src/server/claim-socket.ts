import { randomBytes } from "node:crypto";
import { chmod, lstat, mkdir, rename, rm } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { StatusError } from "../errors/status-error.ts";

export interface ClaimedSocket {
  /** Removes the socket, unless another server has taken its place since. Idempotent. */
  release(): Promise<void>;
}

/** What the socket's group may do, its owner may; nobody else. */
const SOCKET_MODE = 0o660;

/**
 * Puts a listening socket at the path. It is bound under a temporary name beside it, so that it
 * appears with its mode set and replaces one whose server has died without a gap. `bind` listens on
 * the path that it is given.
 */
export async function claimSocket(
  path: string,
  bind: (path: string) => Promise<void>,
): Promise<ClaimedSocket> {
  await refuseOccupied(path);
  await makeDirectory(path);
  const temporary = join(dirname(path), `.${randomBytes(3).toString("hex")}`);
  let inode: bigint;
  try {
    await bind(temporary);
    await chmod(temporary, SOCKET_MODE);
    inode = (await lstat(temporary, { bigint: true })).ino;
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return {
    async release() {
      const facts = await lstat(path, { bigint: true }).catch(() => undefined);
      if (facts?.ino === inode) await rm(path, { force: true });
    },
  };
}

async function refuseOccupied(path: string): Promise<void> {
  const facts = await lstat(path).catch(() => undefined);
  if (facts === undefined) return;
  if (!facts.isSocket()) {
    throw new StatusError("FailedPrecondition", `"${path}" is there and is not a socket`, {
      hint: "choose another --listen address, or remove it",
    });
  }
  if (await answers(path)) {
    throw new StatusError("FailedPrecondition", `another server answers on "${path}"`, {
      hint: "stop it, or choose another --listen address",
    });
  }
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o711 });
  } catch (cause) {
    throw new StatusError("FailedPrecondition", `cannot make the directory of "${path}"`, {
      cause,
    });
  }
}

/** Anything but a refused connection counts as life: a socket in use is never removed. */
function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.once("connect", () => resolve(true));
  socket.once("error", ({ code }: NodeJS.ErrnoException) =>
    resolve(code !== "ECONNREFUSED" && code !== "ENOENT"),
  );
  return promise.finally(() => socket.destroy());
}
