import assert from "node:assert/strict";
import { test } from "node:test";
import { childEnvironment } from "../../../src/host/child-environment.ts";

test("children do not inherit what changes the runtime under crish", () => {
  const hostile = {
    BUN_OPTIONS: "--preload=./x.js",
    BUN_BE_BUN: "1",
    BUN_INSPECT: "1",
    BUN_INSPECT_PRELOAD: "./x.js",
    BUN_CONFIG_VERBOSE_FETCH: "1",
    BUN_JSC_dumpOptions: "1",
    JSC_dumpOptions: "1",
    NODE_OPTIONS: "--require=./x.js",
    NODE_PATH: "/x",
    NODE_CHANNEL_FD: "3",
    NODE_V8_COVERAGE: "/x",
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
  };
  assert.deepEqual(childEnvironment(hostile), {});
});

test("children inherit everything else", () => {
  const ordinary = {
    PATH: "/bin",
    HOME: "/root",
    BUNDLE: "x",
    NODE_ENV: "test",
    NODE_AUTH_TOKEN: "x",
    NODE_EXTRA_CA_CERTS: "/etc/x.pem",
    CRISH_ROOT: "/var/lib/crish",
  };
  assert.deepEqual(childEnvironment(ordinary), ordinary);
});
