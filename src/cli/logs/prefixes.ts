import { escapeControl } from "../../output/escape-control.ts";
import type { LogOrigin } from "./line-printer.ts";

/** Colours that are read on dark and light terminals alike, none of them red: that is for errors. */
const PALETTE = [36, 32, 33, 35, 34, 96, 92, 93, 95, 94] as const;

interface PrefixText {
  readonly plain: Buffer;
  readonly colored: Buffer;
}

/**
 * What stands before the lines of each container: `[pod/container]` in a colour that depends on the
 * name alone, as long as there are few, and so wide that lines begin below each other. The namespace
 * is told where two would be the same without it.
 */
export class LogPrefixes {
  private readonly names = new Map<LogOrigin, string>();
  private readonly colors = new Map<string, number>();
  private readonly texts = new Map<LogOrigin, PrefixText>();
  private width = 0;

  constructor(origins: readonly LogOrigin[]) {
    for (const origin of origins) this.add(origin);
  }

  /** The prefix with the space behind it. An origin that was not known widens what comes. */
  of(origin: LogOrigin, color: boolean): Uint8Array {
    if (!this.names.has(origin)) this.add(origin);
    let text = this.texts.get(origin);
    if (text === undefined) {
      text = this.render(origin);
      this.texts.set(origin, text);
    }
    return color ? text.colored : text.plain;
  }

  private render(origin: LogOrigin): PrefixText {
    const name = this.names.get(origin) ?? "";
    const padding = " ".repeat(this.width - name.length + 1);
    return {
      plain: Buffer.from(`[${name}]${padding}`),
      colored: Buffer.from(`\x1b[${this.colors.get(name)}m[${name}]\x1b[0m${padding}`),
    };
  }

  private add(origin: LogOrigin): void {
    const { namespace, pod, container } = origin;
    const short = escapeControl(`${pod}/${container}`);
    const isTaken = [...this.names].some(
      ([other, name]) => name === short && other.namespace !== namespace,
    );
    const name = isTaken ? escapeControl(`${namespace}/${pod}/${container}`) : short;
    this.names.set(origin, name);
    this.width = Math.max(this.width, name.length);
    this.texts.clear();
    if (!this.colors.has(name)) this.colors.set(name, this.freeColor(name));
  }

  /** The name's own colour, or the next that no other has. */
  private freeColor(name: string): number {
    const used = new Set(this.colors.values());
    const first = hash(name) % PALETTE.length;
    const inTurn = [...PALETTE.slice(first), ...PALETTE.slice(0, first)];
    return inTurn.find((color) => !used.has(color)) ?? inTurn[0] ?? PALETTE[0];
  }
}

function hash(text: string): number {
  let value = 2_166_136_261;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 16_777_619);
  }
  return value >>> 0;
}
