import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRedactor } from "../../../../src/cli/bundle/redactor.ts";

const SECRET = "hunter2-c0rrect-horse";
const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----";

describe("a redactor takes out of text", () => {
  const cases: readonly (readonly [title: string, text: string])[] = [
    ["a user and password of a URL", `dial https://admin:${SECRET}@db.example:5432/x`],
    ["a token as the user of a URL", `git clone https://${SECRET}@git.example/x.git`],
    ["a bearer token", `authorization: Bearer ${SECRET}`],
    ["basic credentials", `Authorization: Basic ${SECRET}==`],
    ["an assignment in a shell", `sh -c 'export DB_PASSWORD=${SECRET}; run'`],
    ["a quoted assignment", `API_KEY="${SECRET} and more"`],
    ["a key of JSON", `{"clientSecret": "${SECRET}", "a": 1}`],
    ["a key of JSON inside JSON", JSON.stringify({ a: JSON.stringify({ token: SECRET }) })],
    ["a key of YAML", `password: ${SECRET}`],
    ["a flag with its value behind", `mysqld --password ${SECRET} --port 1`],
    ["a flag with its value", `mysqld --root-password=${SECRET}`],
    ["a parameter of a URL", `GET /x?id=1&X-Amz-Signature=${SECRET}&y=2`],
    ["a web token", `got ${JWT} from it`],
    ["a private key", `before ${PEM} after`],
    ["a private key on one line", `"key": "${PEM.replaceAll("\n", "\\n")}"`],
    ["a key of a cloud", "found AKIAIOSFODNN7EXAMPLE there"],
    ["a token of a forge", "with ghp_16C7e42F292c6912E7710c838347Ae178B4a here"],
  ];
  for (const [title, text] of cases) {
    it(title, () => {
      const clean = createRedactor().text(text);
      for (const secret of [SECRET, JWT, "MIIEow", "AKIAIOSF", "ghp_16C7"]) {
        assert.ok(!clean.includes(secret), clean);
      }
      assert.match(clean, /<redacted>|\*\*\*@/);
    });
  }

  it("and is not held up by megabytes without a blank", () => {
    for (const piece of [
      "a",
      "a-",
      "eyJ-",
      "x://",
      "-----BEGIN PRIVATE KEY-----",
      '"token"',
      " --p",
    ]) {
      const text = piece.repeat(1_000_000 / piece.length);
      assert.equal(createRedactor().text(text).slice(0, 1), text.slice(0, 1));
    }
  });

  it("nothing else", () => {
    for (const text of [
      "overlayfs: upperdir=/var/lib/crish/snapshots/12/fs",
      'the registry "docker.io" has a host name that is unknown: ENOTFOUND',
      "Linux 6.1.0 #1 SMP, cgroup: memory pids; path=/usr/bin:/bin",
      '-A POSTROUTING -s 10.201.0.0/16 -m comment --comment "crish pods" -j MASQUERADE',
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "author=someone passed the path of 12 keys",
    ]) {
      assert.equal(createRedactor().text(text), text);
    }
  });
});

describe("a redactor takes out of data", () => {
  const value = (given: unknown) => createRedactor().value(given);

  it("every value of an environment, in each of its forms, and keeps the names", () => {
    assert.deepEqual(value({ env: [`A=${SECRET}`, "PATH=/bin", "EMPTY=", "BARE"] }), {
      env: ["A=<redacted>", "PATH=<redacted>", "EMPTY=<redacted>", "BARE"],
    });
    assert.deepEqual(value({ envs: [{ key: "A", value: SECRET }] }), {
      envs: [{ key: "A", value: "<redacted>" }],
    });
    assert.deepEqual(value({ Env: [{ name: "A", value: SECRET }] }), {
      Env: [{ name: "A", value: "<redacted>" }],
    });
    assert.deepEqual(value({ environment: { A: SECRET } }), { environment: { A: "<redacted>" } });
  });

  it("all below a secret name", () => {
    const given = {
      auth: { user: "a", list: [SECRET, 1, null] },
      authority: "x",
      registryToken: 7,
    };
    assert.deepEqual(value(given), {
      auth: { user: "<redacted>", list: ["<redacted>", "<redacted>", null] },
      authority: "x",
      registryToken: "<redacted>",
    });
  });

  it("arguments by their flags", () => {
    assert.deepEqual(value({ args: ["db", "--password", SECRET, `--api-key=${SECRET}`, "-v"] }), {
      args: ["db", "--password", "<redacted>", "--api-key=<redacted>", "-v"],
    });
  });

  it("labels and annotations that are secret, random, a manifest or very long", () => {
    const random = "q7Rk2Lw9Zt4Xv8Bn3Mc6Jd1Hs5Gf0PyQaWeT";
    const annotations = {
      "example.com/db-password": SECRET,
      "example.com/blob": random,
      "example.com/digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "example.com/uid": "0e0f5f4a-6c5d-4f0e-8b44-1c2d3e4f5a6b",
      "kubectl.kubernetes.io/last-applied-configuration": `{"a":"${SECRET}"}`,
      "example.com/json": `{"env":["X=${SECRET}"],"n":1}`,
      long: "x".repeat(600),
    };
    assert.deepEqual(value({ annotations }), {
      annotations: {
        ...annotations,
        "example.com/db-password": "<redacted>",
        "example.com/blob": "<redacted>",
        "kubectl.kubernetes.io/last-applied-configuration": "<redacted>",
        "example.com/json": '{"env":["X=<redacted>"],"n":1}',
        long: "<left out: 600 characters>",
      },
    });
  });

  it("what layers were built with", () => {
    assert.deepEqual(
      value({ history: [{ created_by: `RUN echo ${SECRET}`, empty_layer: true }] }),
      {
        history: [{ created_by: "<redacted>", empty_layer: true }],
      },
    );
  });
});

it("a redactor finds what it has taken out once wherever else it stands", () => {
  const redactor = createRedactor();
  redactor.value({
    env: [`DB_PASSWORD=${SECRET}`, 'TOKEN=with "quotes" in it', "MODE=production"],
  });
  const log = `error: login with ${SECRET} failed in production`;
  assert.equal(redactor.finish(log), "error: login with <redacted> failed in production");
  const json = JSON.stringify({ message: 'got with "quotes" in it here' });
  assert.equal(redactor.finish(json), '{"message":"got <redacted> here"}');
});

it("a redactor leaves the names of hosts and pods where they stand, though variables hold them", () => {
  const redactor = createRedactor();
  redactor.value({
    env: [
      "HOSTNAME=e1dec5aa2007",
      "POD_NAME=coredns-5dd5756b68-x7k2p",
      "KUBERNETES_NODE_NAME=ip-10-0-3-7",
      "REDIS_HOST=redis01a",
      "SECRET_NAME=k9-hidden-7",
      "OTHER=k9-hidden-8",
    ],
  });
  const text =
    "e1dec5aa200751060f0c coredns-5dd5756b68-x7k2p ip-10-0-3-7 redis01a k9-hidden-7 k9-hidden-8";
  assert.equal(
    redactor.finish(text),
    "e1dec5aa200751060f0c coredns-5dd5756b68-x7k2p ip-10-0-3-7 redis01a <redacted> <redacted>",
  );
});
