import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { execute } from "./execute.ts";
import { thirdPartyNotices } from "./notices.ts";
import { type SourceIdentity, sourceIdentity } from "./source-identity.ts";
import type { Target } from "./targets.ts";

export interface BuiltExecutable {
  readonly target: Target;
  readonly path: string;
}

export interface ManualPage {
  /** "crish-ps.1" */
  readonly name: string;
  readonly section: string;
  readonly text: string;
}

/** What every kind of package carries beside the executable. */
export interface ReleaseParts {
  readonly root: string;
  readonly identity: SourceIdentity;
  readonly executables: readonly BuiltExecutable[];
  readonly manualPages: readonly ManualPage[];
  readonly completions: Readonly<Record<"bash" | "zsh" | "fish", string>>;
  readonly license: string;
  readonly notices: string;
  readonly changelog: string;
}

/** Collects them; `native` is an executable that runs here and writes its own completions. */
export function collectParts(
  root: string,
  executables: readonly BuiltExecutable[],
  native: string,
): ReleaseParts {
  const read = (name: string) => readFileSync(join(root, name), "utf8");
  const completion = (shell: string) => execute(native, ["completion", shell]).toString();
  return {
    root,
    identity: sourceIdentity(root),
    executables,
    manualPages: manualPages(root),
    completions: {
      bash: completion("bash"),
      zsh: completion("zsh"),
      fish: completion("fish"),
    },
    license: read("LICENSE"),
    notices: thirdPartyNotices(root),
    changelog: read("CHANGELOG.md"),
  };
}

function manualPages(root: string): ManualPage[] {
  if (!existsSync(join(root, "man/crish.1"))) throw new Error("man/crish.1 is missing");
  return globSync("man/*.[1-8]", { cwd: root })
    .sort()
    .map((path) => {
      const name = basename(path);
      return { name, section: name.slice(-1), text: readFileSync(join(root, path), "utf8") };
    });
}
