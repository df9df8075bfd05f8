import type { Command } from "../cli/command.ts";
import { LIST_CONTEXTS_FLAGS, listContexts } from "../cli/contexts/list-contexts.ts";
import { EXIT } from "../errors/exit-code.ts";
import { contextRm } from "./context/rm.ts";
import { contextSet } from "./context/set.ts";
import { contextShow } from "./context/show.ts";
import { contextUse } from "./context/use.ts";

/** Lists contexts. */
const contextList: Command = {
  spec: {
    name: "context list",
    aliases: ["ls"],
    summary: "list the names of runtimes",
    examples: [{ line: "crish context list -q", meaning: "Names alone" }],
    args: [],
    flags: LIST_CONTEXTS_FLAGS,
    toleratesSettings: true,
    group: "runtime",
  },
  async run(context, { flags }) {
    await listContexts(context, flags);
    return EXIT.success;
  },
};

/** Runtimes by name. */
export const context: Command = {
  ...contextList,
  spec: {
    ...contextList.spec,
    name: "context",
    aliases: [],
    summary: "list, choose and define runtimes by name",
    description: [
      "A context is a runtime endpoint under a name, with the image endpoint and the timeout that go",
      "with it. They lie in ~/.config/crish/config.yaml, those for everybody in",
      "/etc/crish/config.yaml. A command means the one that --context names, then",
      "CRISH_CONTEXT, then the one in use. The endpoint flags go before all of them, and",
      "CONTAINER_RUNTIME_ENDPOINT before the last two; /etc/crictl.yaml comes behind them.",
      "Without a further word they are listed.",
    ].join("\n"),
    examples: [
      {
        line: "crish context set edge -r tcp://10.0.0.7:3737 --use",
        meaning: "What follows goes to another host",
      },
      { line: "crish context", meaning: "Which there are, and which is in use" },
    ],
  },
  subcommands: [contextList, contextUse, contextSet, contextRm, contextShow],
};
