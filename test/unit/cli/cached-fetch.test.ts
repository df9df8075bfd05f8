import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createCachedFetch } from "../../../src/cli/complete/cached-fetch.ts";

const never = () => new Promise<string>(() => {});

describe("what completion remembers", () => {
  it("is fetched once while it is fresh", async () => {
    const cache = createCachedFetch({ patienceMs: 10_000, freshMs: 60_000 });
    let fetches = 0;
    const fetch = async () => `value ${++fetches}`;
    assert.equal(await cache.get("key", fetch), "value 1");
    assert.equal(await cache.get("key", fetch), "value 1");
    assert.equal(await cache.get("other", fetch), "value 2");
  });

  it("is not waited for beyond the patience", async () => {
    const cache = createCachedFetch({ patienceMs: 1, freshMs: 60_000 });
    assert.equal(await cache.get("key", never), undefined);
  });

  it("comes later where it was slow", async () => {
    const cache = createCachedFetch({ patienceMs: 1, freshMs: 60_000 });
    const { promise, resolve } = Promise.withResolvers<string>();
    assert.equal(await cache.get("key", () => promise), undefined);
    resolve("late");
    assert.equal(await cache.get("key", never), "late");
  });

  it("is what was known before, where it cannot be fetched anew", async () => {
    const cache = createCachedFetch({ patienceMs: 10_000, freshMs: -1 });
    assert.equal(await cache.get("key", async () => "old"), "old");
    const failing = () => Promise.reject(new Error("no answer"));
    assert.equal(await cache.get("key", failing), "old");
  });
});
