import { readFile } from "node:fs/promises";
import { StatusError } from "../errors/status-error.ts";
import type { RegistryConfig } from "./registry-config.ts";

/** Whom to believe over https, and as whom to come, where that is not what everybody does. */
export interface RegistryTrust {
  /** Authorities besides the usual ones. */
  readonly caFiles: readonly string[];
  /** Whoever answers is believed. */
  readonly isUnverified?: boolean;
  readonly client?: { readonly certFile: string; readonly keyFile: string } | undefined;
}

export function trustOf(config: RegistryConfig | undefined): RegistryTrust | undefined {
  return config?.caFile === undefined ? undefined : { caFiles: [config.caFile] };
}

interface TlsOptions {
  readonly ca?: string[];
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: boolean;
}

/** For Node's own client. FailedPrecondition where a file cannot be read. */
export async function tlsOptions(trust: RegistryTrust | undefined): Promise<TlsOptions> {
  if (trust === undefined) return {};
  const { caFiles, isUnverified, client } = trust;
  const own = await Promise.all(caFiles.map((file) => read(file, "authority")));
  const { rootCertificates } = await import("node:tls");
  return {
    ...(own.length === 0 ? {} : { ca: [...rootCertificates, ...own] }),
    ...(isUnverified === true ? { rejectUnauthorized: false } : {}),
    ...(client === undefined
      ? {}
      : {
          cert: await read(client.certFile, "certificate"),
          key: await read(client.keyFile, "key"),
        }),
  };
}

async function read(file: string, what: string): Promise<string> {
  return await readFile(file, "utf8").catch((cause: unknown) => {
    throw new StatusError("FailedPrecondition", `could not read the ${what} "${file}"`, { cause });
  });
}
