import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LogPrefixes } from "../../../../src/cli/logs/prefixes.ts";

const origin = (pod: string, container: string, namespace = "default") => ({
  namespace,
  pod,
  container,
});

const textOf = (prefixes: LogPrefixes, of: ReturnType<typeof origin>, color = false) =>
  Buffer.from(prefixes.of(of, color)).toString();

/** The number of the colour that a prefix begins with. */
const colorOf = (text: string) => text.slice(2, text.indexOf("m"));

describe("the prefixes of log lines", () => {
  it("are as wide as the widest", () => {
    const [web, db] = [origin("web", "app"), origin("database", "app")];
    const prefixes = new LogPrefixes([web, db]);
    assert.equal(textOf(prefixes, web), "[web/app]      ");
    assert.equal(textOf(prefixes, db), "[database/app] ");
    const joined = origin("database-2", "app");
    assert.equal(textOf(prefixes, joined), "[database-2/app] ");
    assert.equal(textOf(prefixes, web).length, textOf(prefixes, joined).length);
  });

  it("tell the namespace where two would be the same", () => {
    const [first, second] = [origin("web", "app"), origin("web", "app", "shop")];
    const prefixes = new LogPrefixes([first, second]);
    assert.equal(textOf(prefixes, first).trim(), "[web/app]");
    assert.equal(textOf(prefixes, second).trim(), "[shop/web/app]");
  });

  it("have colours that differ, and that depend on the name alone", () => {
    const origins = Array.from({ length: 8 }, (_, index) => origin("web", `c${index}`));
    const prefixes = new LogPrefixes(origins);
    const colors = origins.map((each) => colorOf(textOf(prefixes, each, true)));
    assert.equal(new Set(colors).size, 8);
    const [first = origin("", "")] = origins;
    const alone = new LogPrefixes([first]);
    assert.equal(colorOf(textOf(alone, first, true)), colors[0]);
  });

  it("give a container that was restarted what it had", () => {
    const prefixes = new LogPrefixes([origin("web", "app"), origin("web", "side")]);
    const text = textOf(prefixes, origin("web", "app"), true);
    assert.equal(textOf(prefixes, origin("web", "app"), true), text);
  });

  it("show control characters of names as text", () => {
    const one = origin("we\x1b[2Jb", "app");
    assert.equal(textOf(new LogPrefixes([one]), one), "[we\\x1b[2Jb/app] ");
  });
});
