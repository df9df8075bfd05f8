/** What is known of the build. scripts/build.ts puts a module in place of this one that knows more. */
import packageFacts from "../../package.json" with { type: "json" };

/** The version of crish itself. */
export const CRISH_VERSION: string = packageFacts.version;

/** The commit it was built from, "-dirty" behind it where files differed; undefined in a source tree. */
export const CRISH_COMMIT: string | undefined = undefined;

/** What it was built for ("linux-x64-musl"); undefined where an interpreter runs it. */
export const CRISH_TARGET: string | undefined = undefined;
