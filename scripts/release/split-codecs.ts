import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const METHODS = "src/cri/methods.ts";
const CODECS = "gen/runtime/v1/api.ts";
/** A copy, of which the bundler keeps what these methods need. */
const OFTEN_CODECS = "gen/runtime/v1/often.ts";
/** Called so often that their messages belong to the client; those of all others load when called. */
const OFTEN_METHODS = ["Version", "ListContainers", "ListPodSandbox", "ListImages", "Exec"];

/** What the embedded runtime's list of containers has of the codecs; another copy, for the same reason. */
const KEPT_CODECS = "gen/runtime/v1/kept.ts";
const KEEPERS = [
  "src/runtime/containers/container-record.ts",
  "src/runtime/containers/container-store.ts",
  "src/runtime/services/cri-container.ts",
];

/**
 * Parts the codecs in the copy that is built, `tree`. In the sources they are one generated module, and
 * the bundler does not part modules: each start would make the codecs of 41 calls for the one it makes,
 * which is half a millisecond. Throws where the sources are not what this expects.
 */
export function splitCodecs(tree: string): void {
  const path = join(tree, METHODS);
  const room = dirname(path);
  const source = readFileSync(path, "utf8");
  const imported = /import \{([^}]*)\} from "\.\/gen\/runtime\/v1\/api\.ts";\n/.exec(source);
  if (imported === null) throw new Error(`${METHODS} does not import ./${CODECS}`);
  const names = (imported[1] ?? "").split(",").flatMap((name) => name.trim() || []);
  const often = OFTEN_METHODS.flatMap((method) => [`${method}Request`, `${method}Response`]);
  const missing = often.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Error(`${METHODS} has no ${missing.join(", ")}`);
  const later = names.filter((name) => !often.includes(name));
  const declarations = later.map((name) => `const ${name}: any = new LaterCodec("${name}");\n`);
  copyFileSync(join(room, CODECS), join(room, OFTEN_CODECS));
  const prelude = `import { ${often.join(", ")} } from "./${OFTEN_CODECS}";\n${LATER_CODEC}`;
  writeFileSync(
    path,
    source.replace(imported[0], () => prelude + declarations.join("")),
  );
  copyFileSync(join(room, CODECS), join(room, KEPT_CODECS));
  for (const keeper of KEEPERS) {
    const kept = readFileSync(join(tree, keeper), "utf8");
    if (!kept.includes(CODECS)) throw new Error(`${keeper} does not import ${CODECS}`);
    writeFileSync(join(tree, keeper), kept.replace(CODECS, KEPT_CODECS));
  }
}

/** As a class with two methods, since closures for 80 messages would cost what is to be saved. */
const LATER_CODEC = `
class LaterCodec {
  constructor(private readonly name: string) {}
  encode(message: any): any { return this.codec().encode(message); }
  decode(bytes: any): any { return this.codec().decode(bytes); }
  private codec(): any { return (require("./${CODECS}") as any)[this.name]; }
}
`;
