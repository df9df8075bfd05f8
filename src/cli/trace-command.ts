import { hostname } from "node:os";
import type { TracingSettings } from "../config/settings.ts";
import { describe } from "../errors/describe.ts";
import { EXIT } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";
import { encodeSpans } from "../tracing/encode-spans.ts";
import { openCollector } from "../tracing/open-collector.ts";
import { traceBackend } from "../tracing/trace-backend.ts";
import { createTracer } from "../tracing/tracer.ts";
import type { Context } from "./context.ts";
import { CRISH_VERSION } from "./version.ts";

/**
 * Runs a command inside a span of its name, with one below it for each call. What the command does,
 * prints and ends with is as without: a collector that does not take the spans costs a line on stderr.
 */
export async function traceCommand(
  context: Context,
  verb: string,
  tracing: TracingSettings,
  run: (context: Context) => Promise<number>,
): Promise<number> {
  const collector = await openCollector(tracing.endpoint);
  const source = {
    name: "crish",
    version: CRISH_VERSION,
    attributes: { "host.name": hostname(), "process.pid": process.pid },
  };
  const tracer = createTracer({
    traceparent: context.env.TRACEPARENT,
    samplesPerMillion: tracing.samplesPerMillion,
    send: (spans) => collector.export(encodeSpans(spans, source)),
  });
  const span = tracer.start({ name: `crish ${verb}`, kind: "internal" });
  let opening: ReturnType<Context["backend"]> | undefined;
  const traced: Context = {
    ...context,
    backend: () => {
      opening ??= context.backend().then((backend) => traceBackend(backend, tracer, span));
      return opening;
    },
  };
  try {
    const status = await run(traced);
    // Whoever works on several objects tells of the failures itself, and exec has its command's status.
    if (status !== EXIT.success) span.fail(new StatusError("Unknown", `ended with ${status}`));
    return status;
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
    await tracer.flush().catch(async (error) => {
      const reason = describe(error).message;
      await context.stderr.write(`warning: the trace was not taken: ${reason}\n`);
    });
    collector.close();
  }
}
