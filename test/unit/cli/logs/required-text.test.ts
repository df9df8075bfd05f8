import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type RequiredText, requiredText } from "../../../../src/cli/logs/required-text.ts";
import { seededRandom } from "../../../support/seeded-random.ts";

const only = (...anyOf: string[]): RequiredText => ({ anyOf, isAll: true });
const part = (...anyOf: string[]): RequiredText => ({ anyOf, isAll: false });

const CASES: readonly (readonly [RegExp, RequiredText | undefined])[] = [
  [/panic/, only("panic")],
  [/error|panic/, only("error", "panic")],
  [/größe/, only("größe")],
  [/a\.b\/c/, only("a.b/c")],
  [/^panic$/, part("panic")],
  [/error.*timeout/, part("timeout")],
  [/code=5\d\d/, part("code=5")],
  [/colou?r/, part("colo")],
  [/ab+c/, part("ab")],
  [/ab*cd/, part("cd")],
  [/x{0}yz/, part("yz")],
  [/ab{2,}?cd/, part("cd")],
  [/(fatal|error): [a-z]+ failed/, part(" failed")],
  [/[\]x]yy/, part("yy")],
  [/(?:a(b\))[)])cc/, part("cc")],
  [/(?!no)ab/, part("ab")],
  [/a|b*/, undefined],
  [/a|/, undefined],
  [/.*/, undefined],
  [/\d+/, undefined],
  [/(ab)/, undefined],
  [/\x41bc/, undefined],
  [/\u0041bc/, undefined],
  [/(a)\1bc/, undefined],
  [/ab\ncd/, part("ab")],
  [/panic/i, undefined],
  [/💥/, undefined],
  [/a\nb/, part("a")],
  [/\ufffd/, undefined],
  [/a|b|c|d|e|f|g|h|i/, undefined],
];

describe("the text that a regular expression requires", () => {
  for (const [pattern, expected] of CASES) {
    it(`of ${pattern}`, () => assert.deepEqual(requiredText(pattern), expected));
  }

  it("is in whatever an expression by chance matches", () => {
    const random = seededRandom(4);
    const pick = (values: string) => values.charAt(Math.floor(random() * values.length));
    const some = (values: string, most: number) =>
      Array.from({ length: Math.floor(random() * most) }, () => pick(values)).join("");
    let matches = 0;
    for (let round = 0; round < 30_000; round++) {
      let pattern: RegExp;
      try {
        pattern = new RegExp(some("aabbc|().*+?[]^$\\{1,}d", 9));
      } catch {
        continue;
      }
      const required = requiredText(pattern);
      if (required === undefined) continue;
      for (let each = 0; each < 20; each++) {
        const text = some("abc.|d{", 8);
        const isThere: boolean = required.anyOf.some((word) => text.includes(word));
        const isMatch = pattern.test(text);
        if (isMatch) matches++;
        assert.ok(isThere || !isMatch, `${pattern} matches ${text}`);
        if (required.isAll) assert.equal(isMatch, isThere, `${pattern} and ${text}`);
      }
    }
    assert.ok(matches > 1000);
  });
});
