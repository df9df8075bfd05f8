import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { busyboxImage } from "../busybox-image.ts";
import type { Cleanup } from "../cleanup.ts";
import { CLI_IMAGE, type CliTarget } from "../cli-target.ts";
import { type FakeRegistry, startFakeRegistry } from "../fake-registry.ts";
import { removeCgroups } from "../remove-cgroups.ts";
import { uniqueSuffix } from "../unique.ts";
import { waitUntil } from "../wait-until.ts";

/**
 * What the probes of crictl's flags look at: pod `shop/front` with container `web`, which runs and is
 * the newest, and two attempts of `job`, which have ended; and pod `rest/gone`, which is not ready.
 */
export interface World {
  readonly target: CliTarget;
  readonly cleanup: Cleanup;
  /** IDs. */
  readonly front: string;
  readonly gone: string;
  readonly web: string;
  readonly job: readonly [first: string, second: string];
  readonly frontFile: string;
  /** Asks for user `me` with password `secret`, and has one image under every name. */
  readonly registry: FakeRegistry;
  /** A file of the test with that content. */
  file(name: string, content: string): Promise<string>;
  /** The file of a configuration for a container. */
  container(name: string, more?: object): Promise<string>;
  /** The file of a configuration for a pod that no other has. */
  pod(): Promise<string>;
  /** Makes and starts a container in `front` that only waits, and returns its ID. */
  extra(name: string, more?: object): Promise<string>;
}

export const CREDENTIALS = "me:secret";

export async function createWorld(cleanup: Cleanup, target: CliTarget): Promise<World> {
  const file = async (name: string, content: string): Promise<string> => {
    const path = join(target.directory, name);
    await writeFile(path, content);
    return path;
  };
  // containerd measures a pod by the cgroup that it was given.
  const parent = target.name === "containerd" ? `/crish-flags-${uniqueSuffix()}` : undefined;
  if (parent !== undefined) cleanup.add("remove cgroups", () => removeCgroups(parent));
  const podFile = (name: string, namespace: string) =>
    file(
      `${name}.json`,
      JSON.stringify({
        metadata: { name, namespace, uid: name },
        log_directory: join(target.directory, "logs"),
        labels: { app: name },
        linux: parent === undefined ? {} : { cgroup_parent: parent },
      }),
    );
  const container = (name: string, more: object = {}) =>
    file(
      `${name}-${uniqueSuffix()}.json`,
      JSON.stringify({
        metadata: { name },
        image: { image: CLI_IMAGE },
        command: ["sleep", "1000"],
        labels: { part: name },
        ...more,
      }),
    );
  const frontFile = await podFile("front", "shop");
  const goneFile = await podFile("gone", "rest");
  const [gone, front] = [
    await target.out(["runp", goneFile]),
    await target.out(["runp", frontFile]),
  ];
  await target.out(["stopp", gone]);
  const make = async (name: string, more: object): Promise<string> => {
    const id = await target.out(["create", front, await container(name, more), frontFile]);
    await target.out(["start", id]);
    return id;
  };
  const job = (attempt: number, text: string) =>
    make("job", {
      metadata: { name: "job", attempt },
      command: ["sh", "-c", `echo ${text}; sleep 0.3; echo wrong >&2; sleep 0.3; echo end`],
      log_path: `job-${attempt}.log`,
    });
  const jobs = [await job(0, "first"), await job(1, "second")] as const;
  const web = await make("web", {
    command: ["sh", "-c", "echo up; exec httpd -f -p 8080 -h /var/www"],
    log_path: "web.log",
  });
  await waitUntil("both jobs have ended", async () => {
    const ended = await target.out(["ps", "-a", "-q", "--state", "exited"]);
    return jobs.every((id) => ended.includes(id));
  });
  return {
    target,
    cleanup,
    front,
    gone,
    web,
    job: jobs,
    frontFile,
    registry: await startLockedRegistry(cleanup),
    file,
    container,
    pod: () => podFile(`pod-${uniqueSuffix()}`, "extra"),
    extra: (name, more = {}) => make(name, more),
  };
}

async function startLockedRegistry(cleanup: Cleanup): Promise<FakeRegistry> {
  const image = busyboxImage({ config: { Env: ["FROM=registry"] } });
  const registry = await startFakeRegistry(cleanup, image);
  const wanted = `Basic ${Buffer.from(CREDENTIALS).toString("base64")}`;
  registry.intercept = ({ headers, url }, response) => {
    if (url?.includes("/slow/")) return true; // never answered
    if (headers.authorization === wanted || url?.includes("/open/")) return false;
    response.writeHead(401, { "www-authenticate": 'Basic realm="test"' });
    response.end();
    return true;
  };
  return registry;
}
