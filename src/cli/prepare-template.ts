import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { StatusError } from "../errors/status-error.ts";
import type { OutputFormat } from "./output-format.ts";

/** A document in JSON to the text that a template makes of it, ended by a newline. */
export type Template = (document: unknown) => string;

/**
 * The template of -o go-template or -o jsonpath, ready to be used; undefined for other formats. What
 * is wrong with it is known before the runtime is asked: throws InvalidArgument.
 */
export async function prepareTemplate(
  { kind, text }: OutputFormat,
  cwd: string,
): Promise<Template | undefined> {
  const source = kind.endsWith("-file") ? await readTemplate(kind, text, cwd) : text;
  const language = kind.replace(/-file$/, "");
  if (source === undefined) return undefined;
  if (language === "jsonpath") {
    const { compileJsonPath } = await import("../output/jsonpath/compile-json-path.ts");
    return withNewline(compileJsonPath(source));
  }
  if (language === "go-template") {
    const { compileGoTemplate } = await import("../output/go-template/compile-go-template.ts");
    return withNewline(compileGoTemplate(source));
  }
  return undefined;
}

/** A shell drops the newline at the end, and a prompt needs it. */
function withNewline(template: Template): Template {
  return (document) => {
    const text = template(document);
    return text === "" || text.endsWith("\n") ? text : `${text}\n`;
  };
}

async function readTemplate(kind: string, path: string | undefined, cwd: string): Promise<string> {
  if (path === undefined || path === "") {
    throw new StatusError("InvalidArgument", `-o ${kind} needs a file`, {
      hint: `write it as -o ${kind}=FILE`,
    });
  }
  try {
    return await readFile(resolve(cwd, path), "utf8");
  } catch (cause) {
    throw new StatusError("InvalidArgument", `the template "${path}" cannot be read`, { cause });
  }
}
