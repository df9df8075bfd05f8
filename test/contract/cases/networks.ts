import assert from "node:assert/strict";
import { createMessage } from "../../../src/cri/create-message.ts";
import { DNSConfig, PortMapping } from "../../../src/cri/gen/runtime/v1/api.ts";
import { freePort } from "../../support/free-port.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { contractCase } from "../contract-case.ts";

const WEB = ["httpd", "-f", "-p", "80", "-h", "/var/www"];

export const networkCases = [
  contractCase("runPodSandbox", [], "dns_config is what /etc/resolv.conf says", async (world) => {
    const dnsConfig = createMessage(DNSConfig, {
      servers: ["10.10.10.10"],
      searches: ["google.com"],
      options: ["ndots:8"],
    });
    const pod = await world.runPod({ dnsConfig });
    const { log } = await world.runToEnd(pod, "cat /etc/resolv.conf");
    for (const line of ["nameserver 10.10.10.10", "search google.com", "options ndots:8"]) {
      assert.ok(log.includes(` F ${line}\n`), log);
    }
  }),
  contractCase(
    "runPodSandbox",
    [],
    "the hostname is the pod's, in the process and in /etc/hostname",
    async (world) => {
      const pod = await world.runPod({ hostname: "contract-host" });
      const { log } = await world.runToEnd(pod, "hostname; cat /etc/hostname");
      assert.equal(log.match(/ F contract-host$/gm)?.length, 2, log);
    },
  ),
  contractCase("runPodSandbox", [], "/etc/hosts knows localhost", async (world) => {
    const { id } = await world.sharedContainer();
    assert.match((await world.shell(id, "cat /etc/hosts")).stdout, /127\.0\.0\.1\s+localhost/);
  }),
  contractCase(
    "runPodSandbox",
    [],
    "a server in the pod answers on the pod's address",
    async (world) => {
      const portMappings = [createMessage(PortMapping, { containerPort: 80 })];
      const pod = await world.runPod({ portMappings });
      await world.runContainer(pod, { command: WEB });
      const ip = (await world.podStatus(pod.id)).network?.ip;
      assert.equal(await page(`http://${ip}/`), "hello World\n");
    },
  ),
  contractCase(
    "runPodSandbox",
    [],
    "a host port reaches the pod through 127.0.0.1",
    async (world) => {
      const hostPort = await freePort();
      const portMappings = [createMessage(PortMapping, { containerPort: 80, hostPort })];
      const pod = await world.runPod({ portMappings });
      await world.runContainer(pod, { command: WEB });
      assert.equal(await page(`http://127.0.0.1:${hostPort}/`), "hello World\n");
    },
  ),
  contractCase(
    "runPodSandbox",
    [],
    "two pods reach each other, and lo is up in each",
    async (world) => {
      const server = await world.runPod();
      await world.runContainer(server, { command: WEB });
      const ip = (await world.podStatus(server.id)).network?.ip;
      await page(`http://${ip}/`);
      const { id } = await world.sharedContainer();
      assert.equal((await world.shell(id, `wget -q -O - http://${ip}/`)).stdout, "hello World\n");
      assert.match((await world.shell(id, "ip -o link show lo")).stdout, /LOOPBACK,UP/);
    },
  ),
  contractCase("podSandboxStatus", [], "a stopped pod gives its address back", async (world) => {
    const pod = await world.runPod();
    await world.runtime.stopPodSandbox({ podSandboxId: pod.id });
    const status = await world.podStatus(pod.id);
    assert.equal(status.network?.ip ?? "", "");
  }),
];

function page(url: string): Promise<string> {
  return waitUntil(`${url} answers`, async () => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return answer.text();
  });
}
