import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasCode } from "../../../src/errors/status-error.ts";
import {
  formatDigestName,
  formatTagName,
  parseImageReference,
} from "../../../src/images/image-reference.ts";

const HEX = "0123456789abcdef".repeat(4);
const DIGEST = `sha256:${HEX}`;

describe("image references", () => {
  const tags: [string, string][] = [
    ["busybox", "docker.io/library/busybox:latest"],
    ["busybox:1.36", "docker.io/library/busybox:1.36"],
    ["user/app", "docker.io/user/app:latest"],
    ["index.docker.io/user/app", "docker.io/user/app:latest"],
    ["docker.io/busybox", "docker.io/library/busybox:latest"],
    ["localhost/app", "localhost/app:latest"],
    ["localhost:5000/app:v1", "localhost:5000/app:v1"],
    ["127.0.0.1:5000/a/b/c", "127.0.0.1:5000/a/b/c:latest"],
    ["[::1]:5000/app", "[::1]:5000/app:latest"],
    ["registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.9"],
    ["quay.io/a/b__c-d.e:T_1.x-2", "quay.io/a/b__c-d.e:T_1.x-2"],
    ["Registry.Example/app", "Registry.Example/app:latest"],
    ["app:5000", "docker.io/library/app:5000"],
  ];
  for (const [text, name] of tags) {
    it(`reads "${text}" as ${name}`, () => {
      assert.equal(formatTagName(parseImageReference(text)), name);
    });
  }

  for (const text of [`busybox@${DIGEST}`, `busybox:1.36@${DIGEST}`]) {
    it(`lets the digest alone decide in "${text.slice(0, 20)}…"`, () => {
      const reference = parseImageReference(text);
      assert.equal(formatTagName(reference), undefined);
      assert.equal(formatDigestName(reference, DIGEST), `docker.io/library/busybox@${DIGEST}`);
    });
  }

  const malformed = [
    "",
    " ",
    "a b",
    "a\u0000b",
    "a\u001b[31m",
    "a\nb",
    "https://docker.io/busybox",
    "UPPER",
    "user/Upper",
    "busybox:",
    "busybox:-1",
    `busybox:${"x".repeat(129)}`,
    "busybox@",
    "busybox@sha256:abc",
    `busybox@sha512:${HEX}${HEX}`,
    `busybox@${DIGEST}@${DIGEST}`,
    "/busybox",
    "busybox/",
    "a//b",
    "a/../b",
    "./a",
    "-a",
    "a-",
    "a.._b",
    "host:99999/app",
    "host.example:port/app",
    "ex_ample.com/app:1:2",
    "[::1/app",
    HEX,
    `x/${"a".repeat(260)}`,
    "a".repeat(100_000),
  ];
  for (const text of malformed) {
    it(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.throws(
        () => parseImageReference(text),
        (error) =>
          hasCode(error, "InvalidArgument") &&
          error.message.length < 200 &&
          !/\p{Cc}/u.test(error.message),
      );
    });
  }
});
