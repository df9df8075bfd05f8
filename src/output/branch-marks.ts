/** What a tree is drawn with. */
export interface BranchMarks {
  readonly middle: string;
  readonly last: string;
}

/** Lines where the locale can show them, as C libraries choose it; else ASCII. */
export function branchMarks(env: Readonly<Record<string, string | undefined>>): BranchMarks {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  return /utf-?8/i.test(locale) ? { middle: "├─ ", last: "└─ " } : { middle: "|- ", last: "`- " };
}
