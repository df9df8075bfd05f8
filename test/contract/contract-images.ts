import { busyboxImage } from "../support/busybox-image.ts";
import { type BuiltImage, buildImage } from "../support/image-builder.ts";
import type { TestRegistry } from "../support/registry.ts";

/** The images in the registry, by what they are for. References are whole: host, repository, tag. */
export interface ContractImages {
  /** A small system with a shell; pulled before the first case. */
  readonly busybox: string;
  /** Its image ID: the digest of its config. */
  readonly busyboxId: string;
  /** `host/repository@sha256:…` of the same. */
  readonly busyboxDigest: string;
  /** Entrypoint, Cmd, Env, WorkingDir and User set; pulled before the first case. */
  readonly configured: string;
  /** Three small images that no container uses; not pulled. */
  readonly small: readonly [SmallImage, SmallImage, SmallImage];
  /** The first small image under three tags. */
  readonly tags: readonly [string, string, string];
  /** Repository of the first small image, which has the tag `latest` as well. */
  readonly untagged: string;
  /** Images by the User of their configuration. */
  readonly users: Readonly<Record<"1002" | "www-data" | "1003:1004" | "www-data:1004", string>>;
}

interface SmallImage {
  readonly reference: string;
  readonly digestReference: string;
  readonly id: string;
}

/** Builds and pushes all of them. */
export async function pushContractImages(registry: TestRegistry): Promise<ContractImages> {
  const busybox = busyboxImage();
  const configured = busyboxImage({
    config: {
      Entrypoint: ["/bin/sh", "-c"],
      Cmd: ["sleep 1000"],
      Env: ["PATH=/bin", "FROM_IMAGE=yes", "BOTH=image"],
      WorkingDir: "/var/www",
      User: "www-data",
    },
  });
  const push = (name: string, image: BuiltImage, tag = "1") =>
    registry.push(`t/${name}`, tag, image);
  const small = async (number: number): Promise<SmallImage> => {
    const image = smallImage(`image ${number}`);
    const reference = await push(`small-${number}`, image);
    return {
      reference,
      digestReference: `${registry.host}/t/small-${number}@${image.manifest.digest}`,
      id: image.config.digest,
    };
  };
  const user = (name: string, value: string) =>
    push(`user-${name}`, smallImage(`user ${name}`, { User: value }));
  const first = smallImage("image 1");
  return {
    busybox: await push("busybox", busybox),
    busyboxId: busybox.config.digest,
    busyboxDigest: `${registry.host}/t/busybox@${busybox.manifest.digest}`,
    configured: await push("configured", configured),
    small: [await small(1), await small(2), await small(3)],
    tags: [
      await push("many", first, "1"),
      await push("many", first, "2"),
      await push("many", first, "3"),
    ],
    untagged: (await push("untagged", smallImage("latest"), "latest")).replace(/:latest$/, ""),
    users: {
      "1002": await user("a", "1002"),
      "www-data": await user("b", "www-data"),
      "1003:1004": await user("c", "1003:1004"),
      "www-data:1004": await user("d", "www-data:1004"),
    },
  };
}

function smallImage(text: string, config: Record<string, unknown> = {}): BuiltImage {
  return buildImage({
    layers: [[{ path: "hello.txt", data: `${text}\n` }], [{ path: "more.txt", data: text }]],
    config: { Cmd: ["/hello"], ...config },
  });
}
