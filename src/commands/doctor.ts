import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { CHECK_IDS } from "../cli/doctor/check-ids.ts";
import type { DoctorReport } from "../cli/doctor/run-checks.ts";
import { embeddedPlaces } from "../cli/embedded-places.ts";
import { documentFlags } from "../cli/flag-sets.ts";
import { tableStyle } from "../cli/table-style.ts";
import { CRISH_VERSION } from "../cli/version.ts";
import { nearestName } from "../errors/nearest-name.ts";
import { StatusError } from "../errors/status-error.ts";
import { formatCount } from "../output/format-count.ts";

/** Looks at the node for what keeps crish from working, and says what to do about it. */
export const doctor: Command = {
  spec: {
    name: "doctor",
    summary: "look for what keeps runtimes from working on this node, and how to fix it",
    description:
      "Looks at the configuration, the sockets and who answers there, the programs, kernel, cgroups and " +
      "networks that the embedded runtime needs, registries, disks and the database. It changes " +
      "nothing, and needs no rights: what only root may see is marked with a question mark. On a node " +
      "that uses another runtime, what the embedded one lacks is a warning. The status is 1 when " +
      "something fails; warnings leave it 0.",
    examples: [
      { line: "crish doctor", meaning: "All checks" },
      { line: "crish doctor networks firewall", meaning: "These two alone" },
      { line: "crish doctor -q", meaning: "Only what is wrong" },
      {
        line: "crish doctor registries --registry registry.example.com",
        meaning: "Whether that registry can be reached",
      },
      { line: "crish -r embedded: doctor -o json", meaning: "For the embedded runtime, as JSON" },
    ],
    args: [
      {
        name: "check",
        meaning: "only these checks",
        required: false,
        variadic: true,
        completion: { values: CHECK_IDS },
      },
    ],
    flags: [
      ...documentFlags(["table"], "table"),
      { name: "quiet", short: "q", type: "boolean", meaning: "print only what is wrong" },
      {
        name: "registry",
        type: "string",
        repeat: true,
        meaning: "a registry to reach, in place of those of the configuration",
        placeholder: "HOST",
      },
    ],
    toleratesSettings: true,
    group: "runtime",
  },
  async run(context, input) {
    const ids = knownChecks(input.args.check);
    const registries = knownHosts(input.flags.registry);
    const print = await preparePrinter(context, input.flags);
    const { diagnose } = await import("../cli/doctor/diagnose.ts");
    const report = await diagnose(context, {
      ids,
      registries,
      places: embeddedPlaces(context.env),
    });
    await print(report);
    return report.level === "fail" ? 1 : 0;
  },
};

/** A template that is wrong is told of before anything is looked at. */
async function preparePrinter(
  context: Context,
  flags: CommandInput["flags"],
): Promise<(report: DoctorReport) => Promise<void>> {
  const { stdout, cwd } = context;
  const toShown = (report: DoctorReport) => (flags.quiet === true ? withoutSound(report) : report);
  if (flags.output !== "table") {
    const { prepareDocuments } = await import("../cli/render-documents.ts");
    const render = await prepareDocuments(flags, cwd);
    return async (report) => {
      const shown = toShown(report);
      const documents =
        flags.output === "jsonl" ? findingLines(shown) : [{ crish: CRISH_VERSION, ...shown }];
      await stdout.write(await render(documents));
    };
  }
  return async (report) => {
    const { renderReport } = await import("../output/render-report.ts");
    const groups = toShown(report).checks.filter(({ findings }) => findings.length > 0);
    await stdout.write(await renderReport(groups, tableStyle(context)));
    await stdout.write(`${summary(report)}\n`);
  };
}

/** Each finding with the check that it is of. */
function findingLines({ checks }: DoctorReport): readonly Readonly<Record<string, unknown>>[] {
  return checks.flatMap(({ id, findings }) => findings.map((each) => ({ check: id, ...each })));
}

function withoutSound(report: DoctorReport): DoctorReport {
  const checks = report.checks.map((check) => ({
    ...check,
    findings: check.findings.filter(({ level }) => level === "warn" || level === "fail"),
  }));
  return { ...report, checks };
}

function summary({ counts, runtime }: DoctorReport): string {
  const told = [
    counts.fail > 0 ? formatCount(counts.fail, "fault") : "no faults",
    ...(counts.warn > 0 ? [formatCount(counts.warn, "warning")] : []),
    ...(counts.unchecked > 0 ? [`${counts.unchecked} not checked`] : []),
  ];
  return `${told.join(", ")}; commands use ${runtime}`;
}

function knownChecks(value: CommandInput["args"][string]): readonly string[] {
  const ids = wordsOf(value);
  for (const id of ids) {
    if (CHECK_IDS.includes(id)) continue;
    const near = nearestName(id, CHECK_IDS);
    throw new StatusError("InvalidArgument", `there is no check "${id}"`, {
      hint: near === undefined ? `checks: ${CHECK_IDS.join(", ")}` : `did you mean ${near}?`,
    });
  }
  return ids;
}

/** Hosts as references of images name them. */
function knownHosts(value: CommandInput["flags"][string]): readonly string[] {
  const names = wordsOf(value);
  for (const name of names) {
    if (/^([\w.-]+|\[[\da-f:]+\])(:\d+)?$/i.test(name)) continue;
    throw new StatusError("InvalidArgument", `"${name}" is no registry's name`, {
      hint: "write it as in an image's name: HOST or HOST:PORT",
    });
  }
  return names;
}

function wordsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value : typeof value === "string" ? [value] : [];
}
