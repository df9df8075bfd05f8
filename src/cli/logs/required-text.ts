/** What a regular expression cannot match without. */
export interface RequiredText {
  /** Each match has one of these texts in it. */
  readonly anyOf: readonly string[];
  /** Whether a text that has one of them matches: the expression is nothing but them. */
  readonly isAll: boolean;
}

/** More are slower to look for than lines are to look at. */
const MOST_TEXTS = 8;
/** Escapes that stand for no fixed character, or for one that lines seldom have. */
const OPEN_ESCAPES = "dDwWsSbBnrtfv";
const COUNT = /\{\d+(,\d*)?\}/y;
/** Characters that have no bytes of their own, and what stands for bytes that are no UTF-8. */
const UNENCODABLE = /[\n\ud800-\udfff\ufffd]/;

/**
 * The texts of which one is in every match; undefined where none is sure. It understands less than it
 * could: in doubt a character is not required.
 */
export function requiredText({ source, flags }: RegExp): RequiredText | undefined {
  if (flags !== "") return undefined;
  const branches: string[] = [];
  let isAll = true;
  let longest = "";
  let run = "";
  const endRun = () => {
    if (run.length > longest.length) longest = run;
    run = "";
    isAll = false;
  };
  for (let at = 0; at < source.length; ) {
    const character = source.charAt(at);
    if (character === "\\") {
      const escaped = source.charAt(at + 1);
      if (OPEN_ESCAPES.includes(escaped)) endRun();
      else if (/\w/.test(escaped)) return undefined;
      else run += escaped;
      at += 2;
    } else if (character === "|") {
      if (run.length > longest.length) longest = run;
      branches.push(longest);
      longest = "";
      run = "";
      at++;
    } else if (character === "(" || character === "[") {
      endRun();
      const end = character === "(" ? endOfGroup(source, at) : endOfClass(source, at);
      if (end === undefined) return undefined;
      at = end;
    } else if ("*?{".includes(character)) {
      // What stands before it may be absent.
      run = run.slice(0, -1);
      endRun();
      COUNT.lastIndex = at;
      at += COUNT.exec(source)?.[0].length ?? 1;
    } else {
      if (".^$+".includes(character)) endRun();
      else run += character;
      at++;
    }
  }
  branches.push(run.length > longest.length ? run : longest);
  const isUsable = branches.every((text) => text !== "" && !UNENCODABLE.test(text));
  return isUsable && branches.length <= MOST_TEXTS ? { anyOf: branches, isAll } : undefined;
}

/** Behind the class that begins at that offset. */
function endOfClass(source: string, start: number): number | undefined {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === "\\") at++;
    else if (source[at] === "]") return at + 1;
  }
  return undefined;
}

/** Behind the group that begins at that offset. */
function endOfGroup(source: string, start: number): number | undefined {
  for (let at = start + 1; at < source.length; ) {
    const character = source.charAt(at);
    if (character === ")") return at + 1;
    if (character === "\\") at += 2;
    else if (character === "(" || character === "[") {
      const end = character === "(" ? endOfGroup(source, at) : endOfClass(source, at);
      if (end === undefined) return undefined;
      at = end;
    } else at++;
  }
  return undefined;
}
