/** Killed texts to yank, in an editor for all its inputs. */
export class KillRing {
  #texts: string[] = [];
  #at = 0;

  /** A kill right behind another one joins it: before it where the cursor went back. */
  add(text: string, options: { joins: boolean; backwards: boolean }): void {
    if (text === "") return;
    this.#at = 0;
    const last = this.#texts[0];
    if (options.joins && last !== undefined) {
      this.#texts[0] = options.backwards ? text + last : last + text;
      return;
    }
    this.#texts.unshift(text);
    this.#texts.length = Math.min(this.#texts.length, KEPT_TEXTS);
  }

  /** What to yank: the last killed text, or the one that `rotate` chose. */
  get current(): string {
    return this.#texts[this.#at] ?? "";
  }

  rotate(): void {
    if (this.#texts.length > 0) this.#at = (this.#at + 1) % this.#texts.length;
  }

  reset(): void {
    this.#at = 0;
  }
}

const KEPT_TEXTS = 30;
