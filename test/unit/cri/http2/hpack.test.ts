import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ByteWriter } from "../../../../src/cri/http2/byte-writer.ts";
import type { HeaderField } from "../../../../src/cri/http2/header-field.ts";
import { HpackDecoder } from "../../../../src/cri/http2/hpack-decoder.ts";
import { HpackEncoder } from "../../../../src/cri/http2/hpack-encoder.ts";
import { huffmanDecode } from "../../../../src/cri/http2/huffman.ts";
import { ERROR } from "../../../../src/cri/http2/protocol.ts";
import { seededRandom } from "../../../support/seeded-random.ts";

const LIST_BYTES = 64 * 1024;

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
}

function fields(text: string): HeaderField[] {
  return text.split("\n").map((line) => {
    const colon = line.indexOf(": ", 1);
    return { name: line.slice(0, colon), value: line.slice(colon + 2) };
  });
}

function encode(encoder: HpackEncoder, list: readonly HeaderField[]): Uint8Array {
  const writer = new ByteWriter();
  encoder.encode(list, writer);
  return writer.view();
}

const REQUESTS = [
  ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com",
  ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\ncache-control: no-cache",
  ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value",
];
const RESPONSES = [
  ":status: 302\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com",
  ":status: 307\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com",
  ":status: 200\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:22 GMT\nlocation: https://www.example.com\ncontent-encoding: gzip\nset-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
];
/** The blocks that follow one another in RFC 7541, appendix C; those of responses have a table of 256 bytes. */
const TABLE_OF_256 = "3f e1 01";
const EXAMPLES = {
  "C.3 requests without Huffman": {
    lists: REQUESTS,
    blocks: [
      "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
      "8286 84be 5808 6e6f 2d63 6163 6865",
      "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ],
  },
  "C.4 requests with Huffman": {
    lists: REQUESTS,
    blocks: [
      "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
      "8286 84be 5886 a8eb 1064 9cbf",
      "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ],
  },
  "C.5 responses without Huffman, with eviction": {
    lists: RESPONSES,
    blocks: [
      `${TABLE_OF_256} 4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133
       2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
      "4803 3330 37c1 c0bf",
      `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a
       6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d
       6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31`,
    ],
  },
  "C.6 responses with Huffman, with eviction": {
    lists: RESPONSES,
    blocks: [
      `${TABLE_OF_256} 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6
       2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3`,
      "4883 640e ffc1 c0bf",
      `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d
       d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106
       3d50 07`,
    ],
  },
};

/** Length of each byte's code in appendix B of RFC 7541, base 36. */
const HUFFMAN_LENGTHS =
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca" +
  "d67777777777777777777777878djde6f56565666577666567655677777fbeds" +
  "kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn" +
  "qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq";

/** Each byte's code as ones and zeros: those of one length count up in the order of their bytes. */
const HUFFMAN_CODES: string[] = [];
for (let length = 5, code = 0n; length <= 30; length++, code *= 2n) {
  for (let byte = 0; byte < 256; byte++) {
    if (Number.parseInt(HUFFMAN_LENGTHS[byte] ?? "", 36) !== length) continue;
    HUFFMAN_CODES[byte] = (code++).toString(2).padStart(length, "0");
  }
}

function huffmanEncode(text: string): Uint8Array {
  const bits = Array.from(text, (letter) => HUFFMAN_CODES[letter.charCodeAt(0)]).join("");
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1");
  return Uint8Array.from(padded.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

describe("HPACK", () => {
  for (const [title, { lists, blocks }] of Object.entries(EXAMPLES)) {
    it(`reads ${title} of RFC 7541`, () => {
      const decoder = new HpackDecoder(LIST_BYTES);
      for (const [at, block] of blocks.entries()) {
        assert.deepEqual(
          decoder.decode(bytes(block.replaceAll(/\s/g, ""))),
          fields(lists[at] ?? ""),
        );
      }
    });
  }

  it("reads the single fields of C.2 of RFC 7541", () => {
    const decode = (hex: string) => new HpackDecoder(LIST_BYTES).decode(bytes(hex));
    assert.deepEqual(
      decode("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572"),
      fields("custom-key: custom-header"),
    );
    assert.deepEqual(decode("040c 2f73 616d 706c 652f 7061 7468"), fields(":path: /sample/path"));
    assert.deepEqual(
      decode("1008 7061 7373 776f 7264 0673 6563 7265 74"),
      fields("password: secret"),
    );
    assert.deepEqual(decode("82"), fields(":method: GET"));
  });

  it("writes C.3 and C.5 of RFC 7541, byte for byte", () => {
    for (const title of [
      "C.3 requests without Huffman",
      "C.5 responses without Huffman, with eviction",
    ] as const) {
      const encoder = new HpackEncoder();
      if (title.startsWith("C.5")) encoder.limitTable(256);
      const { lists, blocks } = EXAMPLES[title];
      for (const [at, list] of lists.entries()) {
        const written = Buffer.from(encode(encoder, fields(list))).toString("hex");
        assert.equal(written, (blocks[at] ?? "").replaceAll(/\s/g, ""));
      }
    }
  });

  it("reads every byte in Huffman, alone and in long strings", () => {
    const random = seededRandom(7541);
    const texts = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
    for (let length = 0; length < 300; length++) {
      texts.push(String.fromCharCode(...Array.from({ length }, () => Math.floor(random() * 256))));
    }
    for (const text of texts) assert.equal(huffmanDecode(huffmanEncode(text)), text);
  });

  it("keeps both tables equal over thousands of blocks, evictions and changes of size", () => {
    const random = seededRandom(42);
    const [encoder, decoder] = [new HpackEncoder(), new HpackDecoder(LIST_BYTES)];
    const pick = (count: number) => Math.floor(random() * count);
    for (let block = 0; block < 3000; block++) {
      for (let change = pick(12); change > 9; change--) encoder.limitTable(pick(6000));
      const list = Array.from({ length: pick(12) }, () => ({
        name: ["te", "authorization", "grpc-timeout", `x-${pick(40)}`][pick(4)] ?? "",
        value: "v".repeat(pick(random() < 0.02 ? 6000 : 60)) + pick(20),
      }));
      assert.deepEqual(decoder.decode(encode(encoder, list)), list);
    }
  });

  it("sends a field that was sent before in one byte, a secret never so", () => {
    const encoder = new HpackEncoder();
    const list = fields("x-name: a value\nauthorization: Bearer abc\ngrpc-timeout: 5S");
    encode(encoder, list);
    const again = encode(encoder, list);
    assert.equal(again[0], 0xbe);
    assert.equal((again[1] ?? 0) & 0xf0, 0x10);
    assert.deepEqual(encode(encoder, list.slice(1)).length, again.length - 1);
  });

  const MALFORMED: Readonly<Record<string, string>> = {
    "index 0": "80",
    "an index beyond the tables": "be",
    "an index far beyond the tables": "ff 80 80 80 04",
    "a name by an index beyond the tables": "7f 20 01 61",
    "a number that never ends": "ff 80 80 80 80 80 80 80 80 80 80 80 80 80 80",
    "a number beyond every limit": "ff ff ff ff ff ff ff ff 7f",
    "a number cut short": "ff 80",
    "a string cut short": "00 05 61 62",
    "a string of a length beyond its block": "00 7f ff 7f 61",
    "a name without a value": "00 01 61",
    "a table larger than was allowed": "3f e2 1f",
    "a change of the table's size after a field": "82 20",
    "Huffman padding of zeros": "00 81 18 01 61",
    "Huffman padding longer than seven bits": "00 82 1f ff 01 61",
    "a whole byte of Huffman padding": "00 81 ff 01 61",
    "the Huffman code for the end of the string": "00 84 ff ff ff ff 01 61",
  };
  for (const [title, hex] of Object.entries(MALFORMED)) {
    it(`refuses ${title}`, () => {
      assert.throws(() => new HpackDecoder(LIST_BYTES).decode(bytes(hex)), {
        name: "Violation",
        errorCode: ERROR.compression,
      });
    });
  }

  it("refuses a few bytes that stand for more headers than the limit", () => {
    const decoder = new HpackDecoder(LIST_BYTES);
    const value = "a".repeat(3900);
    const writer = new ByteWriter();
    writer.bytes(bytes("40 01 62 7f bd 1d"));
    writer.latin1(value);
    assert.equal(decoder.decode(writer.view())[0]?.value, value);
    assert.equal(decoder.decode(new Uint8Array(16).fill(0xbe)).length, 16);
    assert.throws(() => decoder.decode(new Uint8Array(10_000).fill(0xbe)), {
      name: "Violation",
      errorCode: ERROR.enhanceYourCalm,
    });
  });

  it("refuses or reads any bytes at all, and never fails otherwise", () => {
    const random = seededRandom(9113);
    for (let round = 0; round < 20_000; round++) {
      const block = Uint8Array.from(
        { length: 1 + Math.floor(random() * 40) },
        () => random() * 256,
      );
      try {
        new HpackDecoder(LIST_BYTES).decode(block);
      } catch (error) {
        assert.equal((error as Error).name, "Violation", Buffer.from(block).toString("hex"));
      }
    }
  });
});
