import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { editSettingsText } from "../../../src/config/edit-settings-text.ts";
import { hasCode } from "../../../src/errors/status-error.ts";

const SOCKET = "unix:///run/x.sock";

interface Edit {
  readonly what: string;
  readonly before: string;
  readonly name: Parameters<typeof editSettingsText>[2]["name"];
  readonly value: string | number | boolean;
  readonly after: string;
}

const EDITS: readonly Edit[] = [
  {
    what: "leaves comments, order and blank lines",
    before: "# top\n\n\ntimeout: 5   # seconds\n\n# then\ndebug: true\n\n# end\n",
    name: "timeout",
    value: 30,
    after: "# top\n\n\ntimeout: 30   # seconds\n\n# then\ndebug: true\n\n# end\n",
  },
  {
    what: "keeps double quotes",
    before: 'runtime-endpoint: "/a" # x\n',
    name: "runtime-endpoint",
    value: SOCKET,
    after: `runtime-endpoint: "${SOCKET}" # x\n`,
  },
  {
    what: "keeps single quotes",
    before: "runtime-endpoint: '/a'\n",
    name: "runtime-endpoint",
    value: "/it's",
    after: "runtime-endpoint: '/it''s'\n",
  },
  {
    what: "puts a new key last, behind the comments",
    before: "debug: true\n\n# timeout: 5\n",
    name: "timeout",
    value: 7,
    after: "debug: true\n\n# timeout: 5\ntimeout: 7\n",
  },
  {
    what: "ends a last line that is open",
    before: "debug: true",
    name: "timeout",
    value: 7,
    after: "debug: true\ntimeout: 7\n",
  },
  {
    what: "fills a key without a value",
    before: "timeout:   # none\ndebug:\n",
    name: "debug",
    value: true,
    after: "timeout:   # none\ndebug: true\n",
  },
  {
    what: "changes a key at every place where it stands",
    before: "timeout: 1\ndebug: true\ntimeout: 2 # wins\n",
    name: "timeout",
    value: 3,
    after: "timeout: 3\ndebug: true\ntimeout: 3 # wins\n",
  },
  { what: "begins a file", before: "", name: "debug", value: true, after: "debug: true\n" },
  {
    what: "fills a file of comments",
    before: "# nothing yet",
    name: "debug",
    value: true,
    after: "# nothing yet\ndebug: true\n",
  },
  {
    what: "stays inside the document's marks",
    before: "---\ntimeout: 1\n...\n",
    name: "debug",
    value: true,
    after: "---\ntimeout: 1\ndebug: true\n...\n",
  },
  {
    what: "keeps the ends of lines of other systems",
    before: "timeout: 1\r\ndebug: false\r\n",
    name: "max-retries",
    value: 0,
    after: "timeout: 1\r\ndebug: false\r\nmax-retries: 0\r\n",
  },
  {
    what: "keeps an indent",
    before: "  timeout: 1\n",
    name: "debug",
    value: true,
    after: "  timeout: 1\n  debug: true\n",
  },
  {
    what: "stays in braces",
    before: "{timeout: 1, debug: false}\n",
    name: "max-retries",
    value: 2,
    after: "{timeout: 1, debug: false, max-retries: 2}\n",
  },
  {
    what: "leaves JSON as JSON",
    before: '{\n  "timeout": 1\n}\n',
    name: "runtime-endpoint",
    value: SOCKET,
    after: `{\n  "timeout": 1,\n  "runtime-endpoint": "${SOCKET}"\n}\n`,
  },
  {
    what: "quotes what YAML would take for something else",
    before: "",
    name: "runtime-endpoint",
    value: "embedded:",
    after: 'runtime-endpoint: "embedded:"\n',
  },
  {
    what: "empties a text",
    before: "image-endpoint: /a\n",
    name: "image-endpoint",
    value: "",
    after: 'image-endpoint: ""\n',
  },
  {
    what: "puts a block of lines on one",
    before: "runtime-endpoint: |-\n  /a\ntimeout: 1\n",
    name: "runtime-endpoint",
    value: "/b",
    after: "runtime-endpoint: /b\ntimeout: 1\n",
  },
];

describe("a change of crictl.yaml", () => {
  for (const { what, before, name, value, after } of EDITS) {
    it(what, async () => {
      assert.equal(await editSettingsText(before, "f", { name, value }), after);
    });
  }

  it("is refused where it would not be what was asked for", async () => {
    const source = "{timeout: 1 # a comment takes what follows\n}\n";
    const change = { name: "debug", value: true } as const;
    await assert.rejects(editSettingsText(source, "f", change), (error: unknown) => {
      assert.ok(hasCode(error, "FailedPrecondition"));
      assert.match(error.message, /^cannot change "debug" alone in "f"$/);
      return true;
    });
  });

  it("is refused for a file that is wrong already, with the place", async () => {
    const change = { name: "debug", value: true } as const;
    await assert.rejects(editSettingsText("timeuot: 1\n", "f", change), /^StatusError: f:1:1: /);
    await assert.rejects(editSettingsText("a: [\n", "f", change), /f:\d:\d: /);
  });
});
