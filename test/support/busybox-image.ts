import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type BuiltImage, buildImage, type ImageParts } from "./image-builder.ts";
import type { TarEntry } from "./tar-archive.ts";

/**
 * A small real system from the host's busybox-static: every applet in /bin, users root, nobody,
 * www-data and app, /tmp with its sticky bit. `extra` entries go into a second layer.
 */
export function busyboxImage(
  options: { config?: ImageParts["config"]; extra?: readonly TarEntry[] } = {},
): BuiltImage {
  const layers: (readonly TarEntry[])[] = [busyboxEntries()];
  if (options.extra !== undefined) layers.push(options.extra);
  return buildImage({
    layers,
    config: { Env: [`PATH=${PATH}`], Cmd: ["sh"], ...options.config },
  });
}

/** An image whose process only waits: what containerd runs in each pod. */
export function pauseImage(): BuiltImage {
  const busybox = readFileSync(BUSYBOX);
  return buildImage({
    layers: [[{ path: "busybox", data: busybox, mode: 0o755 }]],
    config: { Entrypoint: ["/busybox", "sleep", "2147483647"] },
  });
}

const BUSYBOX = "/bin/busybox";
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const PASSWD = [
  "root:x:0:0:root:/root:/bin/sh",
  "www-data:x:33:33:www-data:/var/www:/bin/sh",
  "app:x:1001:1002:app:/home/app:/bin/sh",
  "nobody:x:65534:65534:nobody:/nonexistent:/bin/false",
];
const GROUP = [
  "root:x:0:",
  "www-data:x:33:",
  "app:x:1002:",
  "extra:x:50000:app",
  "nogroup:x:65534:",
];

export function busyboxEntries(): TarEntry[] {
  const applets = execFileSync(BUSYBOX, ["--list"], { encoding: "utf8" }).trim().split("\n");
  const directories = ["bin", "dev", "etc", "home", "home/app", "proc", "root", "sys", "usr"];
  return [
    ...directories.map((path): TarEntry => ({ path: `${path}/`, type: "directory" })),
    { path: "tmp/", type: "directory", mode: 0o1777 },
    { path: "var/", type: "directory" },
    { path: "var/www/", type: "directory", uid: 33, gid: 33 },
    { path: "bin/busybox", data: readFileSync(BUSYBOX), mode: 0o755 },
    ...applets
      .filter((applet) => applet !== "busybox")
      .map(
        (applet): TarEntry => ({
          path: `bin/${applet}`,
          type: "symlink",
          target: "busybox",
          mode: 0o777,
        }),
      ),
    { path: "etc/passwd", data: `${PASSWD.join("\n")}\n` },
    { path: "etc/group", data: `${GROUP.join("\n")}\n` },
    { path: "etc/shadow", data: "root:*:19000::::::\n", mode: 0o600 },
    { path: "var/www/index.html", data: "hello World\n" },
  ];
}
