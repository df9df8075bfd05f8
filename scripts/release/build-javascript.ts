import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inBuildTree, writeBuildFacts } from "./build-tree.ts";
import { execute } from "./execute.ts";
import { sourceIdentity } from "./source-identity.ts";

/**
 * The sources as JavaScript, by path: Node strips no types below node_modules. File by file and not
 * bundled, so that a stack trace, and the program that starts itself as a helper, find what they name.
 */
export function buildJavaScript(root: string): ReadonlyMap<string, Buffer> {
  return inBuildTree(root, (tree) => {
    writeBuildFacts(tree, sourceIdentity(root));
    const config = {
      extends: "./tsconfig.json",
      include: ["bin", "src"],
      // The types are checked by `npm run check`, against what is installed for development.
      compilerOptions: {
        noEmit: false,
        noCheck: true,
        rootDir: ".",
        outDir: "javascript",
        rewriteRelativeImportExtensions: true,
      },
    };
    writeFileSync(join(tree, "tsconfig.release.json"), JSON.stringify(config));
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    execute(process.execPath, [compiler, "-p", "tsconfig.release.json"], { cwd: tree });
    const output = join(tree, "javascript");
    const files = globSync("**/*.js", { cwd: output }).sort();
    return new Map(files.map((path) => [path, readFileSync(join(output, path))]));
  });
}
