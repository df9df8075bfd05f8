import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { NamespaceMode } from "../../../src/cri/gen/runtime/v1/api.ts";
import { freePort } from "../../support/free-port.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { contractCase } from "../contract-case.ts";
import { containerLinux, type Pod, podLinux, type World } from "../world.ts";

const GET = "GET / HTTP/1.0\r\n\r\n";
const UNKNOWN_ID = "0123456789abcdef".repeat(4);

export const portForwardCases = [
  contractCase(
    "portForward",
    ["success", "repetition"],
    "gives an http URL, a new one each time",
    async (world) => {
      const { pod } = await world.sharedContainer();
      const ask = () => world.runtime.portForward({ podSandboxId: pod.id, port: [80] });
      const { url } = await ask();
      assert.match(url, /^https?:\/\/.+/);
      assert.notEqual((await ask()).url, url);
    },
  ),
  contractCase("portForward", ["invalid"], "an empty ID is refused", async (world) => {
    const call = world.runtime.portForward({ podSandboxId: "", port: [80] });
    await world.refuses(call, "InvalidArgument", "NotFound");
  }),
  contractCase("portForward", ["unknown"], "an unknown pod is not found", async (world) => {
    const call = world.runtime.portForward({ podSandboxId: UNKNOWN_ID, port: [80] });
    await world.refuses(call, "NotFound");
  }),
  contractCase(
    "streams",
    [],
    "portForward: a server on the pod's loopback answers, many times over one session",
    async (world) => {
      const pod = await world.runPod();
      await world.runContainer(pod, { command: web("127.0.0.1:80") });
      const session = await world.backend.streams.portForward({ podSandboxId: pod.id, port: [80] });
      try {
        await waitUntil("it answers", async () => (await get(session, 80)).includes("hello World"));
        const answers = await Promise.all([get(session, 80), get(session, 80), get(session, 80)]);
        for (const answer of answers) assert.match(answer, /hello World\n$/);
      } finally {
        await session.close();
      }
    },
  ),
  contractCase(
    "streams",
    [],
    "portForward: a port where nobody listens fails that connection alone",
    (world) =>
      withServer(world, async (session) => {
        await assert.rejects(get(session, 81), ({ message, cause }: Error) =>
          /refused/i.test(`${message} ${cause}`),
        );
        assert.match(await get(session, 80), /hello World\n$/);
      }),
  ),
  contractCase(
    "streams",
    [],
    "portForward: data for a port where nobody listens holds up no other connection",
    (world) =>
      withServer(world, async (session) => {
        const early = await session.connect(80);
        for (let count = 0; count < 5; count++) await assert.rejects(get(session, 81));
        assert.match(await get(session, 80), /hello World\n$/);
        early.write(GET);
        assert.match(await text(early), /hello World\n$/);
      }),
  ),
  contractCase(
    "streams",
    [],
    "portForward: works for a pod on the host's network",
    async (world) => {
      const pod = await world.runPod({ linux: podLinux({ network: NamespaceMode.NODE }) });
      const port = await freePort();
      const namespaceOptions = { ...NODE_NETWORK };
      const linux = containerLinux({ namespaceOptions });
      await world.runContainer(pod, { command: web(`127.0.0.1:${port}`), linux });
      const session = await world.backend.streams.portForward({
        podSandboxId: pod.id,
        port: [port],
      });
      try {
        await waitUntil("it answers", async () =>
          (await get(session, port)).includes("hello World"),
        );
      } finally {
        await session.close();
      }
    },
  ),
  contractCase("streams", [], "portForward: an unknown pod is not found", async (world) => {
    const request = { podSandboxId: UNKNOWN_ID, port: [80] };
    await world.refuses(world.backend.streams.portForward(request), "NotFound");
  }),
];

const NODE_NETWORK = {
  network: NamespaceMode.NODE,
  pid: NamespaceMode.CONTAINER,
  ipc: NamespaceMode.POD,
  targetId: "",
  usernsOptions: undefined,
};

function web(address: string): string[] {
  return ["httpd", "-f", "-p", address, "-h", "/var/www"];
}

type Session = Awaited<ReturnType<World["backend"]["streams"]["portForward"]>>;

/** A session to a pod in which a server listens at 80, and nobody at 81. */
async function withServer(world: World, use: (session: Session) => Promise<void>): Promise<void> {
  const pod = await world.runPod();
  await world.runContainer(pod, { command: web("80") });
  await pageOfPod(world, pod);
  const request = { podSandboxId: pod.id, port: [80, 81] };
  const session = await world.backend.streams.portForward(request);
  try {
    await use(session);
  } finally {
    await session.close();
  }
}

async function get(session: Session, port: number): Promise<string> {
  const connection = await session.connect(port);
  connection.write(GET);
  return text(connection);
}

async function pageOfPod(world: World, pod: Pod): Promise<void> {
  const ip = (await world.podStatus(pod.id)).network?.ip;
  await waitUntil("the server listens", async () => {
    const answer = await fetch(`http://${ip}/`, { signal: AbortSignal.timeout(2_000) });
    return answer.ok;
  });
}
