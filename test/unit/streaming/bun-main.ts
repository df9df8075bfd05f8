// Started with Bun by both-runtimes.test.ts.
import { writeSync } from "node:fs";
import { exerciseStreams } from "./exercise-streams.ts";

const done = await exerciseStreams(100 * 1024 * 1024);
writeSync(1, `${JSON.stringify(done)}\n`);
