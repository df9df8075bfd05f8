import packageFacts from "../../package.json" with { type: "json" };

/** The version of crish itself. */
export const CRISH_VERSION: string = packageFacts.version;
