import { isSecretName, looksRandom, REDACTED, redactText } from "./secret.ts";

/**
 * Takes secrets out of what goes into a bundle. It remembers those that it has found, so that
 * `finish` finds them again wherever else they have come: in a log, a message, an argument.
 */
export interface Redactor {
  /** A copy of plain data: values of environments, of secret names and of secret form replaced. */
  value(value: unknown): unknown;
  text(text: string): string;
  /** To be called on every file when all have been collected. */
  finish(text: string): string;
}

/** Shorter ones are words and numbers that stand everywhere. */
const LEAST_REMEMBERED = 6;
const LONGEST_ANNOTATION = 512;
/** The whole manifest of a pod, with all the values in it. */
const MANIFEST = "kubectl.kubernetes.io/last-applied-configuration";

export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  const keep = (secret: string) => {
    if (secret.length >= LEAST_REMEMBERED && secret !== REDACTED) secrets.add(secret);
  };
  const text = (given: string) => redactText(given, keep);

  function redact(value: unknown, key: string): unknown {
    if (typeof value === "string") return redactString(value, key);
    if (Array.isArray(value)) return redactList(value, key);
    if (typeof value !== "object" || value === null) return value;
    if (isEnvironment(key)) return mapValues(value, (item, name) => hide(item, name));
    if (/^(labels|annotations)$/i.test(key)) return mapValues(value, redactLabel);
    return mapValues(value, (item, name) =>
      isSecretName(name) ? hideAll(item) : redact(item, name),
    );
  }

  function redactList(list: readonly unknown[], key: string): unknown[] {
    if (isEnvironment(key)) return list.map(redactVariable);
    return list.map((item, index) => {
      const before: unknown = list[index - 1];
      const isValueOfFlag =
        typeof item === "string" && typeof before === "string" && /^--?[\w.-]+$/.test(before);
      if (isValueOfFlag && isSecretName(before)) return hideAll(item);
      return redact(item, key);
    });
  }

  function redactString(given: string, key: string): string {
    // What a layer was built with holds the build's arguments.
    if (/^created_?by$/i.test(key)) return REDACTED;
    const trimmed = given.trimStart();
    if (trimmed.startsWith("{") || trimmed.startsWith("[")) {
      try {
        return JSON.stringify(redact(JSON.parse(given), key));
      } catch {
        // Only looked like JSON.
      }
    }
    return text(given);
  }

  function redactLabel(value: unknown, name: string): unknown {
    if (typeof value !== "string") return redact(value, name);
    if (isSecretName(name) || looksRandom(value)) return hideAll(value);
    if (name === MANIFEST) return REDACTED;
    if (value.length > LONGEST_ANNOTATION) return `<left out: ${value.length} characters>`;
    return redactString(value, name);
  }

  /** `NAME=value`, or an object of a name and a value. */
  function redactVariable(item: unknown): unknown {
    if (typeof item === "string") {
      const name = item.split("=", 1)[0] ?? "";
      return item.includes("=") ? `${name}=${hide(item.slice(name.length + 1), name)}` : name;
    }
    if (typeof item !== "object" || item === null) return REDACTED;
    const { key, name, ...rest } = item as Record<string, unknown>;
    const called = String(key ?? name ?? "");
    return {
      ...(key === undefined ? { name } : { key }),
      ...mapValues(rest, (v) => hide(v, called)),
    };
  }

  /** Of an environment every value goes; only those that may be secrets are looked for elsewhere. */
  function hide(value: unknown, name: string): string {
    if (typeof value !== "string") return REDACTED;
    if (isSecretName(name) || (mayBeSecret(value) && !isObjectName(name))) keep(value);
    redactText(value, keep);
    return REDACTED;
  }

  function hideAll(value: unknown): unknown {
    if (typeof value === "string") {
      keep(value);
      return REDACTED;
    }
    if (Array.isArray(value)) return value.map(hideAll);
    if (typeof value !== "object" || value === null) return value === null ? null : REDACTED;
    return mapValues(value, hideAll);
  }

  return {
    value: (value) => redact(value, ""),
    text,
    finish(given) {
      let clean = given;
      for (const secret of [...secrets].sort((left, right) => right.length - left.length)) {
        clean = clean.replaceAll(secret, REDACTED);
        clean = clean.replaceAll(JSON.stringify(secret).slice(1, -1), REDACTED);
      }
      return clean;
    },
  };
}

function isEnvironment(key: string): boolean {
  return /^(env|envs|environment)$/i.test(key);
}

/** A variable that names a host or an object, as HOSTNAME does: a bundle without that name tells nothing. */
function isObjectName(variable: string): boolean {
  return /(^|_)(HOST|HOSTNAME|NAME|NAMESPACE|NODE|UID)$/i.test(variable);
}

/** No path, no version, no sentence, and not a plain word or number. */
function mayBeSecret(value: string): boolean {
  const isPlain = /[/\s]/.test(value) || /^v?\d+(\.\d+)+/.test(value);
  return value.length >= 8 && !isPlain && /\d/.test(value) && /[a-z]/i.test(value);
}

function mapValues(
  value: object,
  change: (item: unknown, name: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, change(item, name)]),
  );
}
