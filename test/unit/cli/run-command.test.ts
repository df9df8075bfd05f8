import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command } from "../../../src/cli/command.ts";
import { COMMAND_TABLE, type CommandEntry } from "../../../src/cli/command-table.ts";
import type { Context } from "../../../src/cli/context.ts";
import { OUTPUT_CLOSED } from "../../../src/cli/output-closed.ts";
import { runCommand } from "../../../src/cli/run-command.ts";
import { CRISH_VERSION } from "../../../src/cli/version.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { fakeBackend } from "../../support/fake-backend.ts";
import { memorySession } from "../../support/memory-session.ts";

/** A table with one verb that does what the test says. */
function tableOf(run: Command["run"], passesExitStatus = false): CommandEntry[] {
  const command: Command = {
    spec: {
      name: "probe",
      summary: "probe",
      examples: [],
      args: [{ name: "word", meaning: "", required: false, variadic: true }],
      flags: [
        { name: "timeout", short: "t", type: "duration", meaning: "" },
        { name: "runtime", short: "r", type: "string", meaning: "" },
      ],
      passesExitStatus,
      group: "runtime",
    },
    run,
  };
  return [{ name: "probe", aliases: ["pr"], load: async () => command }];
}

describe("running a command", () => {
  it("takes global flags before the verb and long ones behind it, the verb's own first", async () => {
    let context: Context | undefined;
    let flags = {};
    const table = tableOf(async (given, input) => {
      context = given;
      flags = input.flags;
      return 0;
    });
    const { session } = memorySession(fakeBackend());
    const argv = ["-r", "unix:///a", "-t", "3s", "-D", "probe", "-t", "9", "-r", "runc"];
    assert.equal(await runCommand([...argv, "--image-endpoint", "unix:///b"], session, table), 0);
    assert.equal(context?.settings.runtimeEndpoint, "unix:///a");
    assert.equal(context?.settings.imageEndpoint, "unix:///b");
    assert.equal(context?.settings.timeoutMs, 3000);
    assert.equal(context?.settings.debug, true);
    assert.deepEqual([{ ...flags }], [{ timeout: 9000, runtime: "runc" }]);
  });

  it("lets a line of a shell override the session's global flags", async () => {
    const seen: (string | undefined)[] = [];
    const table = tableOf(async ({ settings }) => {
      seen.push(settings.runtimeEndpoint);
      return 0;
    });
    const overrides = { globalFlags: { "runtime-endpoint": "unix:///session" } };
    const { session } = memorySession(fakeBackend(), overrides);
    await runCommand(["probe"], session, table);
    await runCommand(["-r", "unix:///line", "probe"], session, table);
    assert.deepEqual(seen, ["unix:///session", "unix:///line"]);
  });

  it("prints one line and a hint for a failure, with the status of its code", async () => {
    const cases = [
      ["InvalidArgument", 2],
      ["NotFound", 4],
      ["Unavailable", 3],
      ["DeadlineExceeded", 3],
      ["FailedPrecondition", 1],
      ["PermissionDenied", 1],
    ] as const;
    for (const [code, status] of cases) {
      const table = tableOf(async () => {
        throw new StatusError(code, "cannot\ndo \u001b[31mit", { hint: "try so" });
      });
      const { session, err, out } = memorySession(fakeBackend());
      assert.equal(await runCommand(["probe"], session, table), status);
      assert.equal(err(), "crish: cannot do \\x1b[31mit\nhint: try so\n");
      assert.equal(out(), "");
    }
  });

  it("ends a verb that passes a status on with 125 for our own failures", async () => {
    const table = tableOf(async () => {
      throw new StatusError("NotFound", "no such container");
    }, true);
    const { session } = memorySession(fakeBackend());
    assert.equal(await runCommand(["probe"], session, table), 125);
    assert.equal(await runCommand(["probe", "--nonsense"], session, table), 125);
  });

  it("says nothing of an interruption by the user, and 0 for a reader that went away", async () => {
    const controller = new AbortController();
    const table = tableOf(async ({ signal }) => {
      throw new StatusError("Cancelled", "interrupted", { cause: signal.reason });
    });
    const interrupted = memorySession(fakeBackend(), { signal: controller.signal });
    controller.abort();
    assert.equal(await runCommand(["probe"], interrupted.session, table), 130);
    assert.equal(interrupted.err(), "");
    const closed = memorySession(fakeBackend(), { signal: AbortSignal.abort(OUTPUT_CLOSED) });
    assert.equal(await runCommand(["probe"], closed.session, table), 0);
    assert.equal(closed.err(), "");
  });

  it("tells why its output failed where a verb knows only that it was ended", async () => {
    const full = new StatusError("ResourceExhausted", "cannot write to stdout: no space");
    for (const [passesExitStatus, status] of [
      [false, 1],
      [true, 125],
    ] as const) {
      const table = tableOf(async () => {
        throw new StatusError("Cancelled", "stream was interrupted");
      }, passesExitStatus);
      const { session, err } = memorySession(fakeBackend(), { signal: AbortSignal.abort(full) });
      assert.equal(await runCommand(["probe"], session, table), status);
      assert.equal(err(), "crish: cannot write to stdout: no space\n");
    }
  });

  const usage: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /no command was given/],
    [["pss"], /unknown command "pss"\nhint: did you mean ps\?/],
    [["help", "pss"], /unknown command "pss"/],
    [["help", "use"], /"use" is a command of the shell\nhint: .*help use.*; see crish help shell/],
    [["use", "web"], /"use" is a command of the shell/],
    [["-a", "ps"], /unknown flag "-a"/],
    [["-f"], /^crish: -f needs SCRIPT\nhint: crish -f SCRIPT/],
    [["-D", "--file"], /^crish: --file needs SCRIPT/],
    [["--timeot", "3s", "ps"], /unknown flag "--timeot"\nhint: did you mean --timeout\?/],
    [["-t", "soon", "ps"], /--timeout: "soon" is not a duration/],
    [["-r", "", "ps"], /--runtime-endpoint is empty\nhint: leave it out/],
    [["-c", "/", "ps"], /cannot read configuration "\/": it is a directory/],
    [
      ["-c", "/nonexistent.yaml", "ps"],
      /cannot read configuration "\/nonexistent.yaml": no such file/,
    ],
  ];
  for (const [argv, says] of usage) {
    it(`ends with 2 and does nothing for: crish ${argv.join(" ")}`, async () => {
      const backend = fakeBackend();
      const { session, err, out } = memorySession(async () => {
        throw new Error("the backend was opened");
      });
      assert.equal(await runCommand(argv, session), 2);
      assert.match(err(), says);
      assert.equal(out(), "");
      assert.deepEqual(backend.calls, []);
    });
  }

  it("prints help of every verb on stdout, with 0, without a backend", async () => {
    for (const { name } of COMMAND_TABLE) {
      const { session, out } = memorySession(async () => {
        throw new Error("the backend was opened");
      });
      assert.equal(await runCommand([name, "--help"], session), 0);
      assert.match(out(), new RegExp(`USAGE\\n  \\$ crish ${name}`));
      const other = memorySession(fakeBackend());
      assert.equal(await runCommand(["help", name], other.session), 0);
      assert.equal(other.out(), out());
    }
  });

  it("prints the list of verbs by group, and its own version", async () => {
    const { session, out } = memorySession(fakeBackend());
    assert.equal(await runCommand(["--help"], session), 0);
    for (const { name } of COMMAND_TABLE) assert.match(out(), new RegExp(`^  ${name}[, ]`, "m"));
    for (const words of ["help", "help --help", "help -h", "help help", "--help help"]) {
      const same = memorySession(fakeBackend());
      assert.equal(await runCommand(words.split(" "), same.session), 0);
      assert.equal(same.out(), out(), words);
    }
    const other = memorySession(fakeBackend());
    assert.equal(await runCommand(["--version"], other.session), 0);
    assert.equal(other.out(), `crish version ${CRISH_VERSION}\n`);
  });
});
