import type { Command } from "../../cli/command.ts";
import { currentContext } from "../../cli/contexts/current-context.ts";
import { contextDocument } from "../../cli/contexts/list-contexts.ts";
import { getContext } from "../../cli/contexts/own-contexts.ts";
import { documentFlags } from "../../cli/flag-sets.ts";
import { prepareDocuments } from "../../cli/render-documents.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";

/** Tells what one context stands for. */
export const contextShow: Command = {
  spec: {
    name: "context show",
    summary: "tell what a name stands for, or which context is in use",
    examples: [{ line: "crish context show", meaning: "The one in use; status 4 without one" }],
    args: [
      {
        name: "name",
        meaning: "of a context; the one in use where it is left out",
        required: false,
        completion: "runtime-context",
      },
    ],
    flags: documentFlags([], "yaml"),
    toleratesSettings: true,
    group: "runtime",
  },
  async run(context, { args, flags }) {
    const render = await prepareDocuments(flags, context.cwd);
    const current = await currentContext(context);
    const name = args.name === undefined ? current : String(args.name);
    if (name === undefined) {
      throw new StatusError("NotFound", "no context is in use", {
        hint: "crish context use NAME chooses one; crish config --effective tells what holds",
      });
    }
    const document = contextDocument(await getContext(context, name), current);
    await context.stdout.write(await render([document]));
    return EXIT.success;
  },
};
