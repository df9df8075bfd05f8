import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readManifests, readPodNames } from "../../../src/manifest/read-manifests.ts";

const POD = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: nginx:1
`;

async function read(text: string, namespace?: string) {
  return await readManifests([{ text, file: "pod.yaml" }], { namespace });
}

/** The pod above with more lines, of the container where they are indented by six. */
function withLines(...lines: string[]): string {
  return `${POD}${lines.join("\n")}\n`;
}

async function failureOf(text: string, namespace?: string): Promise<string> {
  try {
    await read(text, namespace);
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string };
    return hint === undefined ? message : `${message}\n${hint}`;
  }
  return "none";
}

describe("manifests", () => {
  it("are read from several documents and from lists, in their order", async () => {
    const list = JSON.stringify({
      apiVersion: "v1",
      kind: "List",
      items: [
        { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { k: "dg==" } },
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "second", namespace: "other" },
          spec: { containers: [{ name: "c", image: "i" }] },
        },
      ],
    });
    const { pods, data } = await read(`${POD}---\n# nothing\n---\n${list}\n`);
    assert.deepEqual(
      pods.map(({ manifest, namespace }) => [namespace, manifest.metadata.name]),
      [
        ["default", "web"],
        ["other", "second"],
      ],
    );
    assert.equal(String(data.get("Secret default/s")?.data.k), "v");
  });

  it("may have a byte order mark before each document", async () => {
    const second = POD.replace("name: web", "name: second");
    const { pods } = await read(`\uFEFF${POD}---\r\n\uFEFF${second}`);
    const names = pods.map(({ manifest }) => manifest.metadata.name);
    assert.deepEqual(names, ["web", "second"]);
  });

  it("have scalars as Kubernetes reads them: octal modes, yes for true, integers of any size", async () => {
    const { pods } = await read(
      withLines(
        "      stdin: yes",
        "      volumeMounts: [{ name: v, mountPath: /v }]",
        "  volumes:",
        "    - name: v",
        "      secret: { secretName: s, defaultMode: 0400 }",
      ),
    );
    const { spec } = pods[0]?.manifest ?? {};
    assert.equal(spec?.containers[0]?.stdin, true);
    assert.equal(spec?.volumes?.[0]?.secret?.defaultMode, 0o400);
  });

  it("take what a server writes into its answers, and null for what is absent", async () => {
    const served = POD.replace(
      "  name: web\n",
      "  name: web\n  uid: 8a-1\n  creationTimestamp: null\n  resourceVersion: '7'\n",
    );
    const { pods } = await read(`${served}status: { phase: Running }\n`);
    assert.deepEqual(pods[0]?.warnings, []);
    assert.equal(pods[0]?.manifest.metadata.uid, "8a-1");
  });

  it("tell by name what is known and not done", async () => {
    const { pods } = await read(
      withLines(
        "      livenessProbe: { exec: { command: [ls] } }",
        "      lifecycle: { preStop: { sleep: { seconds: 1 } } }",
        "  activeDeadlineSeconds: 5",
        "  tolerations: []",
        "  nodeName: n1",
      ),
    );
    assert.deepEqual(pods[0]?.warnings, [
      'container "web": livenessProbe is not run',
      'container "web": lifecycle.preStop is not run',
      "spec.activeDeadlineSeconds is not used",
      "without a cluster, not used: spec.tolerations, spec.nodeName",
    ]);
  });

  it("of several namespaces are refused with another -n", async () => {
    const text = POD.replace("  name: web\n", "  name: web\n  namespace: a\n");
    assert.equal((await read(POD, "b")).pods[0]?.namespace, "b");
    assert.match(await failureOf(text, "b"), /pod\.yaml:5:3: field "metadata\.namespace"/);
  });

  it("are enough to delete by kind and name alone", async () => {
    const text = withLines("      livnessProbe: {}");
    assert.deepEqual(await readPodNames([{ text, file: "-" }], { namespace: undefined }), [
      { name: "web", namespace: "default" },
    ]);
  });
});

const container = (...lines: string[]) => withLines(...lines.map((line) => `      ${line}`));

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  [
    "an unknown field, with the one that was meant",
    container("livnessProbe: {}"),
    /^pod\.yaml:9:7: unknown field "spec\.containers\[0\]\.livnessProbe"\ndid you mean "livenessProbe"\?$/,
  ],
  [
    "another kind",
    `${POD}---\napiVersion: apps/v1\nkind: Deployment\n`,
    /^pod\.yaml:10:1: document 2 is a Deployment \(apps\/v1\)\nthere are no controllers/,
  ],
  [
    "a misspelt kind",
    "apiVersion: v1\nkind: Pot\n",
    /document 1 is a Pot \(v1\)\ndid you mean Pod/,
  ],
  ["a document without kind", "metadata: { name: a }", /document 1 has no kind/],
  [
    "no containers",
    POD.replace(/containers:[\s\S]*/, "containers: []"),
    /"?spec\.containers"?: it is empty/,
  ],
  [
    "a container without image",
    POD.replace(/ +image.*\n/, ""),
    /"spec\.containers\[0\]\.image" is missing/,
  ],
  ["a name with a slash", POD.replace("name: web", "name: ../web"), /"metadata\.name".*is no name/],
  ["two containers of a name", withLines("    - name: web", "      image: b"), /"web" is taken/],
  ["an object given twice", `${POD}---\n${POD}`, /Pod "default\/web" is given twice/],
  [
    "a mount without volume",
    container("volumeMounts: [{ name: a, mountPath: /a }]"),
    /no volume "a"\nthe pod has no volumes/,
  ],
  [
    "a subPath out of its volume",
    withLines(
      "      volumeMounts: [{ name: a, mountPath: /a, subPath: b/../../c }]",
      "  volumes: [{ name: a, emptyDir: {} }]",
    ),
    /leads out of the volume/,
  ],
  [
    "a volume of a cluster",
    withLines("  volumes: [{ name: a, persistentVolumeClaim: { claimName: c } }]"),
    /persistentVolumeClaim" is not supported\nuse a hostPath/,
  ],
  [
    "a volume of two kinds",
    withLines("  volumes: [{ name: a, emptyDir: {}, hostPath: { path: /a } }]"),
    /both emptyDir and hostPath/,
  ],
  [
    "a number where text belongs",
    container("env: [{ name: A, value: 1 }]"),
    /value": expected a string, got a number\nwrite it in quotes/,
  ],
  [
    "value beside valueFrom",
    container("env: [{ name: A, value: b, valueFrom: { fieldRef: { fieldPath: a } } }]"),
    /both value and valueFrom/,
  ],
  ["a port out of range", container("ports: [{ containerPort: 70000 }]"), /70000 is no port/],
  [
    "a quantity that is none",
    container("resources: { limits: { cpu: 1x } }"),
    /"1x" is no quantity/,
  ],
  [
    "a request above its limit",
    container("resources: { limits: { cpu: 1 }, requests: { cpu: 2 } }"),
    /request "2" is above the limit "1"/,
  ],
  ["user namespaces", withLines("  hostUsers: false"), /user namespaces of pods are not supported/],
  [
    "another host port on the node's network",
    withLines("      ports: [{ containerPort: 80, hostPort: 81 }]", "  hostNetwork: true"),
    /it must be 80/,
  ],
  [
    "privileges that cannot be given up",
    container("securityContext: { privileged: true, allowPrivilegeEscalation: false }"),
    /cannot be false in a privileged container/,
  ],
  [
    "Bidirectional without privilege",
    withLines(
      "      volumeMounts: [{ name: a, mountPath: /a, mountPropagation: Bidirectional }]",
      "  volumes: [{ name: a, emptyDir: {} }]",
    ),
    /wants a privileged container/,
  ],
  [
    "a mode above 0777",
    withLines("  volumes: [{ name: a, secret: { secretName: s, defaultMode: 400000 } }]"),
    /no mode between 0 and 0777/,
  ],
  [
    "a relative hostPath",
    withLines("  volumes: [{ name: a, hostPath: { path: etc } }]"),
    /absolute path without/,
  ],
  [
    "a wrong restartPolicy",
    withLines("  restartPolicy: Allways"),
    /unknown value "Allways"\ndid you mean "Always"/,
  ],
  [
    "a restartPolicy of a container",
    container("restartPolicy: Never"),
    /a container has none of its own/,
  ],
  [
    "a key of a ConfigMap that is text and binary",
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: x}\nbinaryData: {a: eA==}`,
    /^pod\.yaml:5:\d+: field "binaryData\.a": the key is in data as well/,
  ],
  [
    "a user below 0",
    container("securityContext: { runAsUser: -1 }"),
    /field "spec\.containers\[0\]\.securityContext\.runAsUser": -1 is no ID/,
  ],
  [
    "more memory than can be told",
    container("resources: { limits: { memory: '9223372036854775808' } }"),
    /field "spec\.containers\[0\]\.resources\.limits\.memory": "9223372036854775808" is too large/,
  ],
  [
    "more CPUs than can be told",
    container("resources: { limits: { cpu: 1P } }"),
    /\.limits\.cpu": "1P" is too large/,
  ],
  ["a key given twice", container("image: b"), /^pod\.yaml:9:7: map keys must be unique/],
  ["text that is no YAML", "a: [", /^pod\.yaml:1:5: /],
];

describe("a manifest is refused, with its place, for", () => {
  for (const [what, text, message] of REFUSED) {
    it(what, async () => assert.match(await failureOf(text), message));
  }

  it("a Secret that is not base64, whose value is not repeated", async () => {
    const text = "apiVersion: v1\nkind: Secret\nmetadata: { name: s }\ndata: { k: 'hunter2!' }";
    const failure = await failureOf(text);
    assert.match(failure, /field "data\.k": it is not base64/);
    assert.doesNotMatch(failure, /hunter2/);
  });
});
