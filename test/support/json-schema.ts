/** A JSON schema: `true`, `false` or keywords. */
export type Schema = boolean | { readonly [keyword: string]: unknown };

/** The schemas that references may lead to, by the name in front of "#". */
export type SchemaLibrary = ReadonlyMap<string, Schema>;

type Keywords = { readonly [keyword: string]: unknown };
type Check = (
  argument: unknown,
  value: unknown,
  at: string,
  state: { readonly schema: Keywords; readonly base: string; readonly library: SchemaLibrary },
) => string[];

/**
 * What of a value breaks a schema of draft 7 or 2020-12, each with its place; none where it is valid. Throws at a
 * keyword that it does not know, so that nothing is passed over in silence.
 */
export function schemaFaults(
  value: unknown,
  base: string,
  library: SchemaLibrary,
  schema: Schema | undefined = library.get(base),
  at = "$",
): string[] {
  if (schema === true) return [];
  if (schema === false) return [`${at}: is not allowed`];
  if (schema === undefined) throw new Error(`there is no schema "${base}"`);
  return Object.entries(schema).flatMap(([keyword, argument]) => {
    if (ANNOTATIONS.has(keyword)) return [];
    const check = CHECKS[keyword];
    if (check === undefined) throw new Error(`no check for the keyword "${keyword}"`);
    return check(argument, value, at, { schema, base, library });
  });
}

const ANNOTATIONS = new Set([
  ...["$schema", "$id", "$comment", "title", "description", "examples", "default", "definitions"],
  ...["$defs"],
  ...["meta:enum", "deprecated", "then", "additionalItems"],
]);

const fault = (isFault: boolean, text: string): string[] => (isFault ? [text] : []);
const isObject = (value: unknown): value is Keywords =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const hasSize = (value: unknown, is: (size: number) => boolean) =>
  (typeof value === "string" || Array.isArray(value)) && is(value.length);

const CHECKS: Readonly<Record<string, Check>> = {
  type: (type, value, at) => {
    const types = Array.isArray(type) ? type : [type];
    return fault(!types.some((one) => typeMatches(one, value)), `${at}: is no ${types.join("|")}`);
  },
  enum: (values, value, at) =>
    fault(!(values as unknown[]).includes(value), `${at}: "${value}" is not one of the list`),
  const: (constant, value, at) => fault(value !== constant, `${at}: is not "${constant}"`),
  pattern: (pattern, value, at) =>
    fault(
      typeof value === "string" && !new RegExp(String(pattern), "u").test(value),
      `${at}: "${value}" does not match ${pattern}`,
    ),
  format: (format, value, at) =>
    fault(
      format === "date-time" && Number.isNaN(Date.parse(String(value))),
      `${at}: "${value}" is no ${format}`,
    ),
  minimum: (limit, value, at) =>
    fault(typeof value === "number" && value < Number(limit), `${at}: is below ${limit}`),
  maximum: (limit, value, at) =>
    fault(typeof value === "number" && value > Number(limit), `${at}: is above ${limit}`),
  minLength: (limit, value, at) =>
    fault(
      hasSize(value, (size) => size < Number(limit)),
      `${at}: is too short`,
    ),
  maxLength: (limit, value, at) =>
    fault(
      hasSize(value, (size) => size > Number(limit)),
      `${at}: is too long`,
    ),
  minItems: (limit, value, at) =>
    fault(
      hasSize(value, (size) => size < Number(limit)),
      `${at}: has too few`,
    ),
  maxItems: (limit, value, at) =>
    fault(
      hasSize(value, (size) => size > Number(limit)),
      `${at}: has too many`,
    ),
  uniqueItems: (_unique, value, at) => {
    const texts = Array.isArray(value) ? value.map((item) => JSON.stringify(item)) : [];
    return fault(new Set(texts).size < texts.length, `${at}: has an item twice`);
  },
  required: (names, value, at) =>
    (names as string[]).flatMap((name) =>
      fault(isObject(value) && !(name in value), `${at}: lacks "${name}"`),
    ),
  properties: (properties, value, at, { base, library }) =>
    Object.entries(properties as Record<string, Schema>).flatMap(([name, schema]) =>
      isObject(value) && name in value
        ? schemaFaults(value[name], base, library, schema, `${at}.${name}`)
        : [],
    ),
  patternProperties: (patterns, value, at, { base, library }) =>
    Object.entries(isObject(value) ? value : {}).flatMap(([name, item]) =>
      Object.entries(patterns as Record<string, Schema>).flatMap(([pattern, schema]) =>
        new RegExp(pattern, "u").test(name)
          ? schemaFaults(item, base, library, schema, `${at}.${name}`)
          : [],
      ),
    ),
  additionalProperties: (allowed, value, at, { schema, base, library }) => {
    if (!isObject(value)) return [];
    const known = new Set(Object.keys((schema.properties ?? {}) as object));
    const patterns = Object.keys((schema.patternProperties ?? {}) as object);
    return Object.keys(value)
      .filter((name) => !known.has(name))
      .filter((name) => !patterns.some((pattern) => new RegExp(pattern, "u").test(name)))
      .flatMap((name) =>
        schemaFaults(value[name], base, library, allowed as Schema, `${at}.${name}`),
      );
  },
  items: (schema, value, at, { base, library }) =>
    (Array.isArray(value) ? value : []).flatMap((item, index) => {
      const own = Array.isArray(schema) ? (schema[index] ?? true) : schema;
      return schemaFaults(item, base, library, own as Schema, `${at}[${index}]`);
    }),
  $ref: (reference, value, at, { base, library }) => {
    const [file = "", pointer = ""] = String(reference).split("#", 2);
    const target = file === "" ? base : file;
    let schema: unknown = library.get(target);
    for (const step of pointer.split("/").slice(1)) schema = (schema as Keywords)[step];
    return schemaFaults(value, target, library, schema as Schema, at);
  },
  allOf: (schemas, value, at, { base, library }) =>
    (schemas as Schema[]).flatMap((schema) => schemaFaults(value, base, library, schema, at)),
  anyOf: (schemas, value, at, { base, library }) =>
    fault(matching(schemas, value, base, library) === 0, `${at}: fits none of the choices`),
  oneOf: (schemas, value, at, { base, library }) =>
    fault(matching(schemas, value, base, library) !== 1, `${at}: does not fit one of the choices`),
  if: (condition, value, at, { schema, base, library }) =>
    schemaFaults(value, base, library, condition as Schema, at).length === 0
      ? schemaFaults(value, base, library, (schema.then ?? true) as Schema, at)
      : [],
};

function matching(schemas: unknown, value: unknown, base: string, library: SchemaLibrary): number {
  return (schemas as Schema[]).filter(
    (schema) => schemaFaults(value, base, library, schema).length === 0,
  ).length;
}

function typeMatches(type: unknown, value: unknown): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "null") return value === null;
  return typeof value === type;
}
