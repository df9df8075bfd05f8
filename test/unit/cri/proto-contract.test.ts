import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { before, describe, it } from "node:test";
import contract from "../../fixtures/cri-v1.json" with { type: "json" };
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { runOk } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const PROJECT = join(import.meta.dirname, "../../..");
const BIN = join(PROJECT, "node_modules/.bin");

/** The facts of a field as the fixture writes them. */
interface FieldFacts {
  number: number;
  name: string;
  type: string;
  deprecated?: boolean;
  secret?: boolean;
}

interface MethodFacts {
  method: string;
  request: string;
  response: string;
  serverStreaming?: boolean;
}

interface FieldDescriptor {
  name: string;
  number: number;
  label: string;
  type: string;
  typeName?: string;
  oneofIndex?: number;
  options?: { deprecated?: boolean; debugRedact?: boolean };
}

interface EnumDescriptor {
  name: string;
  value: { name: string; number?: number }[];
}

interface MessageDescriptor {
  name: string;
  field?: FieldDescriptor[];
  nestedType?: (MessageDescriptor & { options?: { mapEntry?: boolean } })[];
  enumType?: EnumDescriptor[];
}

interface FileDescriptor {
  package: string;
  syntax: string;
  messageType: MessageDescriptor[];
  enumType: EnumDescriptor[];
  service: {
    name: string;
    method: {
      name: string;
      inputType: string;
      outputType: string;
      serverStreaming?: boolean;
      clientStreaming?: boolean;
    }[];
  }[];
}

describe("the proto", () => {
  let file: FileDescriptor;
  before(async () => {
    const arguments_ = ["build", join(PROJECT, "src/cri/proto"), "-o", "-#format=json"];
    const { stdout } = await runOk(join(BIN, "buf"), arguments_);
    const [only, ...others] = (JSON.parse(stdout) as { file: FileDescriptor[] }).file;
    assert.ok(only !== undefined && others.length === 0);
    file = only;
  });

  it("is proto3 and of the contract's package", () => {
    assert.equal(file.syntax, "proto3");
    assert.equal(file.package, contract.package);
  });

  it("has 41 methods and 170 messages", () => {
    assert.equal(file.service.flatMap(({ method }) => method).length, 41);
    assert.equal(file.messageType.length, 170);
  });

  it("has the contract's methods, each with its messages and its kind of stream", () => {
    const services = Object.fromEntries(
      file.service.map(({ name, method }) => [
        name,
        method.map((facts): MethodFacts => {
          assert.ok(facts.clientStreaming !== true, facts.name);
          return {
            method: facts.name,
            request: typeName(facts.inputType),
            response: typeName(facts.outputType),
            ...(facts.serverStreaming ? { serverStreaming: true } : {}),
          };
        }),
      ]),
    );
    assert.deepEqual(services, contract.services);
  });

  it("has the contract's messages and no other", () => {
    assert.deepEqual(
      file.messageType.map(({ name }) => name).sort(),
      Object.keys(contract.messages).sort(),
    );
  });

  for (const [name, fields] of Object.entries(contract.messages)) {
    it(`has ${name} with the contract's fields`, () => {
      const message = file.messageType.find((candidate) => candidate.name === name);
      assert.ok(message);
      assert.deepEqual(
        (message.field ?? []).map((field) => fieldFacts(message, field)),
        fields,
      );
    });
  }

  it("has the contract's enums with their numbers, and no other", () => {
    const enums = [
      ...file.enumType.map((type) => ({ ...type })),
      ...file.messageType.flatMap(({ name, enumType }) =>
        (enumType ?? []).map((nested) => ({ ...nested, name: `${name}.${nested.name}` })),
      ),
    ];
    const numbers = Object.fromEntries(
      enums.map(({ name, value }) => [
        name,
        Object.fromEntries(value.map((entry) => [entry.name, entry.number ?? 0])),
      ]),
    );
    assert.deepEqual(numbers, contract.enums);
  });
});

describe("the generated code", () => {
  const cleanup = cleanupAfter();

  it("is what generation yields now", async () => {
    const directory = await temporaryDirectory(cleanup, "generate");
    await runOk("sh", [join(PROJECT, "scripts/generate.sh"), directory]);
    for (const room of ["cri", "containerd"]) {
      const committed = await readTree(join(PROJECT, "src", room, "gen"));
      const generated = await readTree(join(directory, room, "gen"));
      assert.deepEqual([...committed.keys()], [...generated.keys()]);
      for (const [name, text] of generated) {
        assert.ok(text === committed.get(name), `${room}: ${name} is stale: run npm run generate`);
      }
    }
  });
});

/** The files below a directory by their paths in it. */
async function readTree(directory: string): Promise<Map<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
  const texts = paths.map(async (path) => {
    return [path, await readFile(join(directory, path), "utf8")] as const;
  });
  return new Map(await Promise.all(texts));
}

function fieldFacts(message: MessageDescriptor, field: FieldDescriptor): FieldFacts {
  assert.equal(field.oneofIndex, undefined, `${message.name}.${field.name} is in a oneof`);
  return {
    number: field.number,
    name: field.name,
    type: fieldType(message, field),
    ...(field.options?.deprecated ? { deprecated: true } : {}),
    ...(field.options?.debugRedact ? { secret: true } : {}),
  };
}

function fieldType(message: MessageDescriptor, field: FieldDescriptor): string {
  const map = (message.nestedType ?? []).find(
    ({ name, options }) =>
      options?.mapEntry && field.typeName?.endsWith(`.${message.name}.${name}`),
  );
  if (map !== undefined) return `map<${(map.field ?? []).map(plainType).join(", ")}>`;
  return field.label === "LABEL_REPEATED" ? `repeated ${plainType(field)}` : plainType(field);
}

function plainType({ type, typeName: named }: FieldDescriptor): string {
  return named === undefined ? type.replace("TYPE_", "").toLowerCase() : typeName(named);
}

function typeName(fullName: string): string {
  return fullName.replace(`.${contract.package}.`, "");
}
