import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isComplete, parseProgram } from "../../../../src/repl/language/parse-program.ts";
import type { Pipeline, Program } from "../../../../src/repl/language/program.ts";

/** The program in one line: what a reader of the grammar would write down. */
function shown(text: string): string {
  const program = parseProgram(text);
  if (program.kind === "incomplete") return `open ${program.open} at ${program.at}`;
  if (program.kind === "malformed") return `at ${program.at}: ${program.message}`;
  return showLists(program, text);
}

function showLists(program: Program, text: string): string {
  return program.lists
    .map((list) =>
      list
        .map(({ when, pipeline }) => {
          const joint = { always: "", success: "&& ", failure: "|| " }[when];
          return joint + showPipeline(pipeline, text);
        })
        .join(" "),
    )
    .join(" ; ");
}

function showPipeline({ capture, alias, command, shell }: Pipeline, text: string): string {
  if (alias !== undefined) return `${alias.name}:{${alias.text}}`;
  const words = (command?.words ?? []).map(({ start, end }) => `[${text.slice(start, end)}]`);
  const redirects = (command?.redirects ?? []).map(({ from, mode, to, target }) => {
    const place = target === undefined ? to : text.slice(target.start, target.end);
    return `${from} ${mode} ${place}`;
  });
  const parts = [...words, ...redirects.map((each) => `(${each})`)];
  if (shell !== undefined) parts.push(`sh{${shell}}`);
  return (capture === undefined ? "" : `${capture}=`) + parts.join("");
}

const PROGRAMS: readonly (readonly [string, string])[] = [
  ["", ""],
  ["  # nothing\n\n", ""],
  ["ps -q", "[ps][-q]"],
  ["ps # all", "[ps]"],
  ["echo a#b", "[echo][a#b]"],
  ["ps; pods", "[ps] ; [pods]"],
  ["ps;", "[ps]"],
  ["ps\npods\n", "[ps] ; [pods]"],
  ["ps \\\n -q", "[ps][-q]"],
  ["a && b || c", "[a] && [b] || [c]"],
  ["a &&\n\n b", "[a] && [b]"],
  ["a || # why\nb", "[a] || [b]"],
  ["echo 'a;b' \"c|d\" e\\;f", "[echo]['a;b'][\"c|d\"][e\\;f]"],
  ["exec web sh -c 'a | b'", "[exec][web][sh][-c]['a | b']"],
  ["ps -o json | jq '.x' | head", "[ps][-o][json]sh{jq '.x' | head}"],
  ["ps | wc -l; pods", "[ps]sh{wc -l} ; [pods]"],
  ["ps | wc && pods || x", "[ps]sh{wc} && [pods] || [x]"],
  ["ps |\n wc", "[ps]sh{wc}"],
  ["ps|wc", "[ps]sh{wc}"],
  [
    "ps -q | while read i; do echo $i; done; pods",
    "[ps][-q]sh{while read i; do echo $i; done} ; [pods]",
  ],
  ["ps | if true; then cat; fi && x", "[ps]sh{if true; then cat; fi} && [x]"],
  ["ps | case a in a) cat;; b) x; esac; y", "[ps]sh{case a in a) cat;; b) x; esac} ; [y]"],
  ["ps | { cat; echo; }; y", "[ps]sh{{ cat; echo; }} ; [y]"],
  ["ps | (cat; echo); y", "[ps]sh{(cat; echo)} ; [y]"],
  ["ps | sed 's/;/x/'; y", "[ps]sh{sed 's/;/x/'} ; [y]"],
  ['ps | sed "s/;/$(a; b)/"; y', '[ps]sh{sed "s/;/$(a; b)/"} ; [y]'],
  ["ps | sed s/\\;/x/; y", "[ps]sh{sed s/\\;/x/} ; [y]"],
  ["ps | cat > f 2>&1; y", "[ps]sh{cat > f 2>&1} ; [y]"],
  ["ps | cat & y", "[ps]sh{cat & y}"],
  ["ps | echo done", "[ps]sh{echo done}"],
  ["ps | xargs -n1 # ; y\nz", "[ps]sh{xargs -n1 # ; y} ; [z]"],
  ["!vi x", "sh{vi x}"],
  ["!ls | wc; ps", "sh{ls | wc} ; [ps]"],
  ["ps && !true", "[ps] && sh{true}"],
  ["echo ! a", "[echo][!][a]"],
  ["ps > f", "[ps](1 write f)"],
  ["ps >f >>g 2>h 2>>i < j", "[ps](1 write f)(1 append g)(2 write h)(2 append i)(0 read j)"],
  ["> f ps 2>&1", "[ps](1 write f)(2 duplicate 1)"],
  ["ps &> f", "[ps](both write f)"],
  ["ps &>> f", "[ps](both append f)"],
  ["ps >&2 | cat", "[ps](1 duplicate 2)sh{cat}"],
  ["ps 12", "[ps][12]"],
  ["ps a2>f", "[ps][a2](1 write f)"],
  ["ps '2'>f", "[ps]['2'](1 write f)"],
  ["ps >| f", "[ps](1 write f)"],
  ["> f", "(1 write f)"],
  ["set id = ps -q | head -1", "id=[ps][-q]sh{head -1}"],
  ["set id = !hostname; ps", "id=sh{hostname} ; [ps]"],
  ["set id ps", "[set][id][ps]"],
  ["set id '=' ps", "[set][id]['='][ps]"],
  ["echo set x = y", "[echo][set][x][=][y]"],
  ["alias n = ps -q | wc -l; ps", "n:{ps -q | wc -l} ; [ps]"],
  ["alias n = 'ps; pods'", "n:{ps; pods}"],
  ["alias n = ps 'a b'", "n:{ps 'a b'}"],
  ["echo $(ps -q; pods)", "[echo][$(ps -q; pods)]"],
  ['echo "$(ps | head)"', '[echo]["$(ps | head)"]'],
  ["exec web awk '{print $1}'", "[exec][web][awk]['{print $1}']"],
  ["ps -o jsonpath={.x}", "[ps][-o][jsonpath={.x}]"],
];

const OPEN: readonly (readonly [string, string])[] = [
  ["echo 'a", "open ' at 5"],
  ['echo "a', 'open " at 5'],
  ["echo a\\", "open \\ at 6"],
  ["echo \\", "open \\ at 5"],
  ["ps |", "open | at 3"],
  ["ps | \n", "open | at 3"],
  ["a &&", "open && at 2"],
  ["a ||\n\n", "open || at 2"],
  ["echo $(ps", "open $( at 5"],
  ["echo $(echo 'a)", "open $( at 5"],
  ["echo ${x", "open ${ at 5"],
  ["ps | while read x", "open shell at 5"],
  ["ps | sh -c 'a", "open ' at 5"],
  ["ps | (cat", "open shell at 5"],
];

const MALFORMED: readonly (readonly [string, string])[] = [
  ["ps &", 'at 3: "&" has no meaning here'],
  ["a & b", 'at 2: "&" has no meaning here'],
  ["; a", 'at 0: nothing stands before ";"'],
  ["a ;; b", 'at 3: nothing stands before ";"'],
  ["&& a", 'at 0: nothing stands before "&&"'],
  ["a && || b", 'at 5: nothing stands before "||"'],
  ["a && ; b", 'at 5: nothing stands before ";"'],
  ["| a", 'at 0: nothing stands before "|"'],
  ["ps | ; x", 'at 3: nothing follows "|"'],
  ["!", 'at 0: nothing follows "!"'],
  ["ps >", 'at 3: no file follows ">"'],
  ["ps > ; x", 'at 3: no file follows ">"'],
  ["ps << EOF", 'at 3: "<<" has no meaning here'],
  ["ps <> f", 'at 3: "<>" has no meaning here'],
  ["ps 3> f", 'at 3: "3>" has no meaning here'],
  ["ps 2< f", 'at 3: "2<" has no meaning here'],
  ["ps >& f", 'at 3: ">&" has no meaning here'],
  ["ps |& wc", 'at 3: "|&" has no meaning here'],
  ["set id =", 'at 0: nothing follows "="'],
  ["set a-b = ps", 'at 4: "a-b" is no name for a variable'],
  ["alias 'a b' = ps", 'at 6: "a b" is no name for an alias'],
  ['alias "a b" = ps', 'at 6: "a b" is no name for an alias'],
  ['alias "" = ps', 'at 6: "" is no name for an alias'],
  ["alias $x = ps", 'at 6: "$x" is no name for an alias'],
  ["echo `date`", "at 5: a backtick has no meaning here"],
  ["echo $$", 'at 5: "$$" has no meaning here'],
  [`echo \${x#y}`, `at 5: "\${x#y}" has no meaning here`],
  ["echo $(ps; ;)", 'at 11: nothing stands before ";"'],
  ["echo $(ps |)", 'at 5: "|" in $(…) is not finished'],
];

describe("the grammar of the shell", () => {
  for (const [text, expected] of PROGRAMS) {
    it(`reads ${JSON.stringify(text)}`, () => assert.equal(shown(text), expected));
  }

  for (const [text, expected] of OPEN) {
    it(`waits for another line after ${JSON.stringify(text)}`, () => {
      assert.equal(shown(text), expected);
      assert.equal(isComplete(text), false);
    });
  }

  for (const [text, expected] of MALFORMED) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(shown(text), expected));
  }

  it("counts lines over quotes and continuations", () => {
    const program = parseProgram("a\n\nb 'x\ny'\nc \\\n d\ne && \n f");
    assert.equal(program.kind, "program");
    const lines = program.kind === "program" ? program.lists : [];
    const firsts = lines.map((list) => list.map(({ pipeline }) => pipeline.line));
    assert.deepEqual(firsts, [[1], [3], [5], [7, 8]]);
  });

  it("takes time in proportion to the text, whatever is nested", () => {
    const texts = ["$(", '"$(', "${", "(", "ps | (", "'", "a;", "a && ", "\\\n", "| {", "2>"];
    // A pass that reads anything twice for each level would not come to its end.
    for (const piece of texts) {
      assert.ok(
        ["program", "incomplete", "malformed"].includes(
          parseProgram(`ps ${piece.repeat(200_000)}`).kind,
        ),
      );
    }
  });
});
