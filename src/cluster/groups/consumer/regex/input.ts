import { PatternError } from "./syntax.ts";

const CODE_POINT_MAX = 0x10ffff;

/** Escapes of one letter, and the characters that they stand for. */
const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** A pattern while it is read. */
export class Input {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get more(): boolean {
    return this.#position < this.#text.length;
  }

  /** Whether `expected` comes next. */
  at(expected: string): boolean {
    return this.#text.startsWith(expected, this.#position);
  }

  /** The character that stands `ahead` of the next one; empty behind the end. */
  peek(ahead: number): string {
    return this.#text.charAt(this.#position + ahead);
  }

  skip(count: number): void {
    this.#position += count;
  }

  /** Reads `expected`, if it comes next. */
  take(expected: string): boolean {
    if (!this.at(expected)) return false;
    this.#position += expected.length;
    return true;
  }

  /** Reads what the sticky expression matches, if it does. */
  takeMatch(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.#position;
    const found = sticky.exec(this.#text);
    if (found !== null) this.#position += found[0].length;
    return found;
  }

  /** Reads one character, whatever it is. */
  next(): number {
    const code = this.#text.codePointAt(this.#position) ?? 0;
    this.#position += code > 0xffff ? 2 : 1;
    return code;
  }

  /** Reads an escape that stands for one character. */
  escape(): number {
    this.skip(1);
    if (!this.more) throw new PatternError("trailing backslash at end of expression");
    const hex = this.takeMatch(/x(?:\{([0-9A-Fa-f]{1,8})\}|([0-9A-Fa-f]{2}))/y);
    if (hex !== null) {
      const code = parseInt(hex[1] ?? hex[2] ?? "", 16);
      if (code <= CODE_POINT_MAX) return code;
      throw new PatternError("invalid escape sequence");
    }
    // A single digit but 0 would refer back to a group, which cannot be had in linear time.
    const octal = this.takeMatch(/0[0-7]{0,2}|[1-7][0-7]{1,2}/y);
    if (octal !== null) return parseInt(octal[0], 8);
    const code = this.next();
    const control = CONTROLS[String.fromCodePoint(code)];
    if (control !== undefined) return control;
    // Other letters and digits are kept for escapes to come.
    if (/[0-9A-Za-z]/.test(String.fromCodePoint(code))) throw new PatternError("invalid escape sequence");
    return code;
  }
}
