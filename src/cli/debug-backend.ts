import type { CriBackend } from "../cri/backend.ts";
import { renderJsonLine } from "../output/json.ts";
import { createRedactor } from "./bundle/redactor.ts";

/** The backend with a line for each request and each answer, credentials and environments left out. */
export function debugBackend(backend: CriBackend, tell: (line: string) => void): CriBackend {
  const redactor = createRedactor();
  const show = (name: string, message: unknown) =>
    tell(`${name} ${renderJsonLine(redactor.value(toPlain(message))).trimEnd()}`);
  const told = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (_target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function" || typeof name !== "string") return method;
        const rpc = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
        return (request: object, ...rest: unknown[]) => {
          show(`${rpc}Request`, request);
          const answer: unknown = method.call(target, request, ...rest);
          const answered = (message: unknown) => show(`${rpc}Response`, message);
          return isIterable(answer) ? tellEach(answer, answered) : tellOnce(answer, answered);
        };
      },
    });
  return Object.create(backend, {
    runtime: { value: told(backend.runtime), enumerable: true },
    images: { value: told(backend.images), enumerable: true },
  });
}

async function tellOnce(answer: unknown, tell: (message: unknown) => void): Promise<unknown> {
  const message = await answer;
  tell(message);
  return message;
}

async function* tellEach(
  answers: AsyncIterable<object>,
  tell: (message: unknown) => void,
): AsyncGenerator<object, void> {
  for await (const message of answers) {
    tell(message);
    yield message;
  }
}

/** Bytes, which a command wrote, as their number alone. */
function toPlain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `<${value.length} bytes>`;
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toPlain(each)]));
}

function isIterable(answer: unknown): answer is AsyncIterable<object> {
  return typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer;
}
