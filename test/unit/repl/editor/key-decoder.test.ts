import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Key } from "../../../../src/repl/editor/key.ts";
import { KeyDecoder } from "../../../../src/repl/editor/key-decoder.ts";
import { seededRandom } from "../../../support/seeded-random.ts";

/** Bytes, and the names of the keys; text in quotes, pastes in angle brackets. */
const CASES: readonly (readonly [string, string])[] = [
  ["ab", '"ab"'],
  ["日本é👩‍👩‍👧", '"日本é👩‍👩‍👧"'],
  ["\x01\x02\x05\x06\x0b\x0c\x12\x1f", "C-a C-b C-e C-f C-k C-l C-r C-_"],
  ["\r\n\t\x7f\x08\0", "Enter Enter Tab Backspace Backspace C-Space"],
  ["\x1bb\x1bf\x1b\x7f\x1bd\x1b\r\x1b<", "M-b M-f M-Backspace M-d M-Enter M-<"],
  ["\x1bé", "M-é"],
  ["\x1b\x03a", 'Esc C-c "a"'],
  ["\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F", "Up Down Right Left Home End"],
  ["\x1bOA\x1bOB\x1bOC\x1bOD\x1bOH\x1bOF", "Up Down Right Left Home End"],
  ["\x1b[1~\x1b[4~\x1b[7~\x1b[8~\x1b[3~\x1b[2~", "Home End Home End Delete Insert"],
  ["\x1b[5~\x1b[6~\x1b[15~\x1b[Z", "PageUp PageDown F5 S-Tab"],
  ["\x1b[1;5C\x1b[1;5D\x1b[1;3C\x1b[1;2A\x1b[3;5~", "C-Right C-Left M-Right S-Up C-Delete"],
  ["\x1b[1;6D\x1b[1;7D\x1b[5C", "C-S-Left C-M-Left C-Right"],
  [
    "\x1b[a\x1b[d\x1bOc\x1bOd\x1b[3^\x1b[3$\x1b[7@",
    "S-Up S-Left C-Right C-Left C-Delete S-Delete C-S-Home",
  ],
  ["\x1b\x1b[C\x1b\x1bOA", "M-Right M-Up"],
  ["\x1bOM\x1b[E", "Enter Begin"],
  ["\x1b[27;5;97~\x1b[97;5u\x1b[13;3u\x1b[9;2u\x1b[127;5u", "C-a C-a M-Enter S-Tab C-Backspace"],
  ["\x1b[[A\x1b[[Ex", '"x"'],
  ["\x1b[I\x1b[O\x1b[12;40R\x1b[?64;1;2c\x1b[>0;95;0cx", '"x"'],
  ["\x1b[M !!\x1b[<0;10;5M\x1b[<0;10;5mx", '"x"'],
  ["\x1b]0;title\x07\x1b]11;rgb:0/0/0\x1b\\\x1bP1$r0m\x1b\\\x1b_x\x1b\\y", '"y"'],
  ["\x1b[?2026;2$yx\x1b[200x\x1b[99~x", '"x" "x"'],
  ["\x1b[200~ps\rrm -a\n\x1b[A\x03\x1b[201~\r", "<ps\rrm -a\n\x1b[A\x03> Enter"],
  ["\x1b[200~\x1b[201~a", '<> "a"'],
];

describe("the key decoder", () => {
  for (const [bytes, expected] of CASES) {
    it(`reads ${JSON.stringify(bytes)}`, () => {
      assert.equal(decode([Buffer.from(bytes)]), expected);
    });
  }

  it("reads the same however the bytes are cut", () => {
    for (const [bytes, expected] of CASES) {
      const whole = Buffer.from(bytes);
      for (let cut = 1; cut < whole.length; cut++) {
        const keys = decode([whole.subarray(0, cut), whole.subarray(cut)]);
        assert.equal(keys.replaceAll('" "', ""), expected.replaceAll('" "', ""), `cut at ${cut}`);
      }
      // A Ctrl-C by itself ends a paste.
      if (bytes.includes("\x03")) continue;
      const single = decode(Array.from(whole, (_, at) => whole.subarray(at, at + 1)));
      assert.equal(single.replaceAll('" "', ""), expected.replaceAll('" "', ""));
    }
  });

  it("waits behind an Esc, which is a key of its own when nothing follows", () => {
    const decoder = new KeyDecoder();
    decoder.push(Buffer.from("\x1b"));
    assert.equal(decoder.next(), undefined);
    assert.deepEqual([decoder.isWaiting, decoder.isWaitingAtEsc], [true, true]);
    decoder.settle();
    assert.deepEqual(decoder.next(), { kind: "press", name: "Esc" });
    assert.deepEqual([decoder.isWaiting, decoder.isWaitingAtEsc], [false, false]);
    // What follows may be slow to come, once something has: neither key is an Esc.
    for (const begun of ["\x1b[", "\x1bO", "\x1b[1;", "\u00e9"]) {
      decoder.push(Buffer.from(begun).subarray(0, begun === "\u00e9" ? 1 : undefined));
      assert.equal(decoder.next(), undefined);
      assert.deepEqual([decoder.isWaiting, decoder.isWaitingAtEsc], [true, false]);
      decoder.takeRest();
    }
  });

  it("takes Alt with what begins a sequence, and drops a sequence that never ends", () => {
    for (const [bytes, expected] of [
      ["\x1b[", "M-["],
      ["\x1bO", "M-O"],
      ["\x1b]", "M-]"],
      ["\x1b\x1b", "Esc"],
      ["\x1b[1;", ""],
      ["\x1b]0;title", ""],
    ] as const) {
      assert.equal(decode([Buffer.from(bytes)], { settles: true }), expected);
    }
  });

  it("leaves what stands behind a key to others, an unfinished paste too", () => {
    const decoder = new KeyDecoder();
    decoder.push(Buffer.from("a\rnext\x1b[A"));
    assert.deepEqual([decoder.next(), decoder.next()].map(nameOf), ['"a"', "Enter"]);
    assert.equal(decoder.takeRest().toString(), "next\x1b[A");
    decoder.push(Buffer.from("\x1b[200~half"));
    assert.equal(decoder.next(), undefined);
    assert.equal(decoder.takeRest().toString(), "\x1b[200~half");
  });

  it("gives up a paste without an end at a Ctrl-C by itself", () => {
    const decoder = new KeyDecoder();
    decoder.push(Buffer.from("\x1b[200~half"));
    decoder.next();
    decoder.push(Buffer.from("\x03"));
    assert.equal(nameOf(decoder.next()), "C-c");
  });

  it("never calls a control character text, whatever comes", () => {
    const random = seededRandom(7);
    for (let round = 0; round < 2000; round++) {
      const size = 1 + Math.floor(random() * 24);
      const bytes = Buffer.from(Array.from({ length: size }, () => byteOf(random)));
      const decoder = new KeyDecoder();
      decoder.push(bytes);
      decoder.settle();
      for (let key = decoder.next(); key !== undefined; key = decoder.next()) {
        if (key.kind === "text") assert.doesNotMatch(key.text, /\p{Cc}/u, bytes.toString("hex"));
      }
    }
  });

  it("takes a paste of a megabyte in small parts in time that grows with its size alone", () => {
    const decoder = new KeyDecoder();
    const line = Buffer.from("key: value\r".repeat(400));
    decoder.push(Buffer.from("\x1b[200~"));
    for (let count = 0; count < 250; count++) {
      decoder.push(line);
      assert.equal(decoder.next(), undefined);
    }
    decoder.push(Buffer.from("\x1b[201~"));
    const key = decoder.next();
    assert.equal(key?.kind === "paste" && key.text.length, 1_100_000);
  });
});

function byteOf(random: () => number): number {
  const frequent = [0x1b, 0x5b, 0x4f, 0x3b, 0x7e, 0x35, 0xc2, 0x9b];
  return random() < 0.5
    ? (frequent[Math.floor(random() * frequent.length)] ?? 0)
    : Math.floor(random() * 256);
}

function decode(chunks: readonly Buffer[], options: { settles?: boolean } = {}): string {
  const decoder = new KeyDecoder();
  const names: string[] = [];
  for (const [index, chunk] of chunks.entries()) {
    decoder.push(chunk);
    if (options.settles === true && index === chunks.length - 1) decoder.settle();
    for (let key = decoder.next(); key !== undefined; key = decoder.next()) names.push(nameOf(key));
  }
  return names.join(" ");
}

function nameOf(key: Key | undefined): string {
  if (key === undefined) return "";
  if (key.kind === "press") return key.name;
  return key.kind === "text" ? `"${key.text}"` : `<${key.text}>`;
}
