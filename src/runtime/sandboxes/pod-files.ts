import { mkdir, readFile, writeFile } from "node:fs/promises";
import type { DNSConfig } from "../../cri/gen/runtime/v1/api.ts";
import { podFiles } from "./pod-environment-of.ts";
import type { Sandbox } from "./sandbox.ts";

/** Writes /etc/hostname and /etc/resolv.conf of the pod, and /etc/hosts without its address. */
export async function writePodFiles(sandbox: Sandbox): Promise<void> {
  const { hostsFile, hostnameFile, resolvConfFile } = podFiles(sandbox.directory);
  const resolvConf =
    renderResolvConf(sandbox.config.dnsConfig) ?? (await readOrEmpty("/etc/resolv.conf"));
  await Promise.all([
    write(hostnameFile, `${sandbox.hostname}\n`),
    write(resolvConfFile, resolvConf),
    writeHosts(hostsFile, sandbox, []),
  ]);
}

/** Writes /etc/hosts anew, now that the pod's addresses are known. */
export async function writePodAddresses(
  sandbox: Sandbox,
  addresses: readonly string[],
): Promise<void> {
  await writeHosts(podFiles(sandbox.directory).hostsFile, sandbox, addresses);
}

/** The directory for the containers' logs; the first directory that had to be made for it, if any. */
export async function makeLogDirectory(directory: string): Promise<string | undefined> {
  if (directory === "") return undefined;
  return await mkdir(directory, { recursive: true, mode: 0o755 });
}

/** resolv.conf(5); undefined where the pod names nothing and so gets the host's. */
export function renderResolvConf(dns: DNSConfig | undefined): string | undefined {
  const lines = [
    ...(dns?.servers ?? []).map((server) => `nameserver ${server}`),
    ...(dns?.searches.length ? [`search ${dns.searches.join(" ")}`] : []),
    ...(dns?.options.length ? [`options ${dns.options.join(" ")}`] : []),
  ];
  return lines.length === 0 ? undefined : `${lines.join("\n")}\n`;
}

/** hosts(5) of a pod with a network of its own. */
export function renderHosts(hostname: string, addresses: readonly string[]): string {
  return [
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    ...addresses.map((address) => `${address}\t${hostname}`),
    "",
  ].join("\n");
}

async function writeHosts(
  file: string,
  sandbox: Sandbox,
  addresses: readonly string[],
): Promise<void> {
  const text =
    sandbox.namespaces.network === undefined
      ? await readOrEmpty("/etc/hosts")
      : renderHosts(sandbox.hostname, addresses);
  await write(file, text);
}

/** Readable for every user of the containers, which see these files themselves. */
async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o644 });
}

async function readOrEmpty(file: string): Promise<string> {
  return await readFile(file, "utf8").catch(() => "");
}
