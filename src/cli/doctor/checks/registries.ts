import { describe } from "../../../errors/describe.ts";
import type { NodeInspector } from "../../../runtime/index.ts";
import { type Check, type Finding, fail, ok, warn } from "../finding.ts";
import { findingOf } from "../finding-of.ts";

const DEFAULT_REGISTRY = "docker.io";
const ANSWER_MS = 3_500;

/** Whether images can be fetched: those asked for, else the configured ones and Docker Hub. */
export const registries: Check = {
  id: "registries",
  title: "registries",
  embedded: false,
  async run(doctor, signal) {
    const config = await doctor.node.config();
    const configured = Object.keys(config.registries);
    const isAsked = doctor.registries.length > 0;
    const names = isAsked ? doctor.registries : [...configured, DEFAULT_REGISTRY];
    const probed = await Promise.all(
      [...new Set(names)].map(async (name) => {
        const isWanted = isAsked || configured.includes(name);
        try {
          const answers = await doctor.node.probeRegistry(name, { signal, timeoutMs: ANSWER_MS });
          return { name, isWanted, answers };
        } catch (error) {
          return { name, isWanted, error };
        }
      }),
    );
    const isAlone = probed.every(({ answers }) =>
      answers?.every(({ status }) => status === undefined),
    );
    if (isAlone && !probed.some(({ isWanted }) => isWanted)) return [noNetwork(probed[0]?.answers)];
    return probed.flatMap(({ name, isWanted, answers, error }) =>
      answers === undefined ? [findingOf(id(name), error)] : judge(name, isWanted, answers),
    );
  },
};

type Answers = Awaited<ReturnType<NodeInspector["probeRegistry"]>>;

/** A node without a way out is no fault by itself. */
function noNetwork(answers: Answers = []): Finding {
  const reason = describe(answers[0]?.error).message;
  return warn(
    "registries.none",
    `no registry can be reached: ${reason}`,
    "check DNS, routes and proxies; load images from files with crish load, or name a mirror in the runtime's configuration",
  );
}

/** Of two schemes of one host one is enough; a mirror that is down only costs time. */
function judge(name: string, isWanted: boolean, answers: Answers): Finding[] {
  const own = answers.filter(({ isMirror }) => !isMirror);
  const mirrors = answers.filter(({ isMirror }) => isMirror);
  const reached = own.find(({ status }) => status !== undefined) ?? own[0];
  const mirrorWorks = mirrors.some(isSound);
  return [...mirrors, ...(reached === undefined ? [] : [reached])].map((answer) => {
    const { url, status, error, isMirror } = answer;
    const what = isMirror ? `mirror ${url} of ${name}` : `${name} (${url})`;
    if (isSound(answer)) return ok(id(name), `${what} answers`);
    const fault = isWanted && !isMirror && !mirrorWorks ? fail : warn;
    if (status !== undefined) {
      return fault(
        id(name),
        `${what} answers ${status}, which no registry does`,
        "is the address right, and a proxy in between?",
      );
    }
    const { message, hint } = describe(error);
    return fault(
      id(name),
      `${what} cannot be reached: ${message}`,
      hint ?? "check its name, the route there, and the proxy",
    );
  });
}

/** 401 asks for credentials, 403 and 404 are what some say about the root of the API. */
function isSound({ status }: Answers[number]): boolean {
  return status !== undefined && (status < 300 || [401, 403, 404].includes(status));
}

function id(name: string): string {
  return `registries.${name}`;
}
