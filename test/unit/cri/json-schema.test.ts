import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runCommand } from "../../../src/cli/run-command.ts";
import { type Field, fieldsOf, type MessageName } from "../../../src/cri/json/field-table.ts";
import { fromJson } from "../../../src/cri/json/from-json.ts";
import { jsonSchemaOf } from "../../../src/cri/json/json-schema.ts";
import { hasCode } from "../../../src/errors/status-error.ts";
import { renderJson } from "../../../src/output/json.ts";
import { fakeBackend } from "../../support/fake-backend.ts";
import { type Schema, schemaFaults } from "../../support/json-schema.ts";
import { memorySession } from "../../support/memory-session.ts";
import { seededRandom } from "../../support/seeded-random.ts";

const DOCUMENTS = 2000;

type Random = () => number;

/** As a validator gets it: without what is required of a whole file, which reading alone does not. */
function schemaFor(message: MessageName): Schema {
  const { required, properties, ...schema } = JSON.parse(renderJson(jsonSchemaOf(message)));
  assert.ok(required !== undefined && properties !== undefined);
  return schema;
}

function isValid(schema: Schema, value: unknown): boolean {
  return schemaFaults(value, "schema", new Map([["schema", schema]])).length === 0;
}

function isRead(message: MessageName, value: unknown): boolean {
  try {
    fromJson(message, value);
    return true;
  } catch (error) {
    assert.ok(hasCode(error, "InvalidArgument"), String(error));
    return false;
  }
}

/** A message with some of its fields, now and then with one that is wrong. */
function randomMessage(message: MessageName, random: Random, depth = 0): unknown {
  const fields = fieldsOf(message).filter(() => random() < (depth < 3 ? 0.4 : 0.1));
  const entries = fields.map((field) => [
    random() < 0.5 ? field.protoName : field.name,
    randomField(field, random, depth),
  ]);
  if (random() < 0.02) entries.push(["nonsense", 1]);
  return Object.fromEntries(entries);
}

function randomField(field: Field, random: Random, depth: number): unknown {
  if (random() < 0.05) return null;
  if (random() < 0.02) return pick(["text", 7, true, [], {}, -1, 1.5, ["x"], [null]], random);
  const one = () => randomValue(field, random, depth);
  return field.repeated ? Array.from({ length: Math.floor(random() * 3) }, one) : one();
}

function randomValue({ type }: Field, random: Random, depth: number): unknown {
  switch (type.kind) {
    case "message":
      return randomMessage(type.message, random, depth + 1);
    case "map":
      return random() < 0.05 ? { a: 1 } : { a: "b" };
    case "enum":
      return pick(
        [...type.names, 0, type.names.length - 1, ...rarely(["NONE_OF_THEM", 99], random)],
        random,
      );
    case "bool":
      return random() < 0.5;
    case "bytes":
      return "eA==";
    case "string":
      return pick(["", "text", "7"], random);
    case "double":
      return pick([1.5, 2, "NaN"], random);
    default:
      return pick([0, 7, "7", ...rarely([-1, 2 ** 33, "x", 0.5], random)], random);
  }
}

function rarely<Item>(items: readonly Item[], random: Random): readonly Item[] {
  return random() < 0.05 ? items : [];
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[Math.floor(random() * items.length)] as Item;
}

describe("the JSON Schema of a configuration file", () => {
  for (const message of ["PodSandboxConfig", "ContainerConfig"] as const) {
    it(`takes exactly the ${message} that is read`, () => {
      const schema = schemaFor(message);
      const random = seededRandom(4);
      const outcomes = { read: 0, refused: 0 };
      for (let count = 0; count < DOCUMENTS; count++) {
        const document = randomMessage(message, random);
        const read = isRead(message, document);
        assert.equal(isValid(schema, document), read, JSON.stringify(document));
        outcomes[read ? "read" : "refused"]++;
      }
      assert.ok(
        Math.min(outcomes.read, outcomes.refused) > DOCUMENTS / 10,
        JSON.stringify(outcomes),
      );
    });
  }

  it("wants what the commands want of a whole file", () => {
    const pod = JSON.parse(renderJson(jsonSchemaOf("PodSandboxConfig")));
    const container = JSON.parse(renderJson(jsonSchemaOf("ContainerConfig")));
    assert.ok(isValid(pod, { metadata: { name: "a", namespace: "b" } }));
    assert.ok(!isValid(pod, { metadata: { name: "a" } }));
    assert.ok(!isValid(pod, {}));
    assert.ok(isValid(container, { metadata: { name: "a" }, image: { image: "b" } }));
    assert.ok(!isValid(container, { metadata: { name: "a" } }));
  });

  it("describes fields, and offers one spelling of each", () => {
    const { $schema, $defs } = JSON.parse(renderJson(jsonSchemaOf("PodSandboxConfig")));
    assert.equal($schema, "https://json-schema.org/draft/2020-12/schema");
    const { properties } = $defs.PodSandboxConfig;
    assert.match(properties.log_directory.description, /logs/);
    assert.equal(properties.logDirectory, undefined);
  });
});

describe("jsonschema behind a verb", () => {
  async function crish(line: string) {
    const { session, out, err } = memorySession(fakeBackend());
    return { status: await runCommand(line.split(" "), session), out: out(), err: err() };
  }

  it("prints the schemas that are asked for, without a runtime", async () => {
    const pod = renderJson(jsonSchemaOf("PodSandboxConfig"));
    const container = renderJson(jsonSchemaOf("ContainerConfig"));
    for (const verb of ["create", "run"]) {
      assert.equal((await crish(`${verb} jsonschema --pod`)).out, pod);
      assert.equal((await crish(`${verb} js -c`)).out, container);
      assert.equal((await crish(`${verb} js -pc`)).out, pod + container);
    }
    for (const verb of ["runp", "pull"]) assert.equal((await crish(`${verb} js`)).out, pod);
  });

  it("needs to be told which, where there are two", async () => {
    const { status, out, err } = await crish("create jsonschema");
    assert.deepEqual([status, out], [2, ""]);
    assert.match(err, /create jsonschema needs --pod or --container/);
  });
});
