import { BackwardBits } from "./backward_bits.ts";
import { FseReader, type FseTable, singleSymbolTable, tableOf } from "./fse.ts";

const MALFORMED = -1;

/** How one of the three codes of a sequence is coded (RFC 8878, section 3.1.1.3.2.1). */
interface CodeKind {
  readonly lastSymbol: number;
  readonly accuracyLogMax: number;
  readonly predefined: FseTable;
}

const MODE = { predefined: 0, single: 1, described: 2, repeated: 3 } as const;

/** Lengths by their code: the least length, and how many bits say how much more it is. */
interface LengthCodes {
  readonly base: Int32Array;
  readonly bits: Uint8Array;
}

/** The first codes of each kind say one length each. */
const LITERAL_SINGLES = 16;
const MATCH_SINGLES = 32;

/** Codes that say one length each, then ones that say more: the widths are written down, the bases follow. */
function lengthCodes(first: number, singles: number, widths: readonly number[]): LengthCodes {
  const bits = Uint8Array.from([...Array<number>(singles).fill(0), ...widths]);
  const base = new Int32Array(bits.length);
  let next = first;
  for (let code = 0; code < bits.length; code++) {
    base[code] = next;
    next += 1 << bits[code]!;
  }
  return { base, bits };
}

const literalLengths = lengthCodes(0, LITERAL_SINGLES, [
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  6,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
]);
const matchLengths = lengthCodes(3, MATCH_SINGLES, [
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
]);

const LITERAL_LENGTH: CodeKind = {
  lastSymbol: 35,
  accuracyLogMax: 9,
  predefined: tableOf(6, [
    ...[4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1],
    ...[-1, -1, -1, -1],
  ]),
};
const OFFSET: CodeKind = {
  lastSymbol: 31,
  accuracyLogMax: 8,
  predefined: tableOf(5, [
    ...[1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
  ]),
};
const MATCH_LENGTH: CodeKind = {
  lastSymbol: 52,
  accuracyLogMax: 9,
  predefined: tableOf(6, [
    ...[1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    ...[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1],
  ]),
};

/** Carries out a block's sequences: some literals, then a copy of what came before, and again. */
export class SequenceDecoder {
  readonly #fse = new FseReader();
  readonly #bits = new BackwardBits();
  #literalLength: FseTable | null = null;
  #offset: FseTable | null = null;
  #matchLength: FseTable | null = null;
  /** The last three offsets, which can be said by their number. */
  #recent1 = 1;
  #recent2 = 4;
  #recent3 = 8;

  /**
   * Decodes the section [from, end) of `input` with its `literals` to `out[to, stop)`, where copies may
   * reach back to `frameStart`. Answers where the output ends, or -1.
   */
  decode(
    input: DataView,
    from: number,
    end: number,
    literals: Uint8Array,
    out: Uint8Array,
    frameStart: number,
    to: number,
    stop: number,
  ): number {
    let at = from;
    if (at >= end) return MALFORMED;
    let count = input.getUint8(at++);
    if (count === 0) return at === end ? append(literals, 0, out, to, stop) : MALFORMED;
    if (count === 255) {
      count = input.getUint16(at, true) + 0x7f00;
      at += 2;
    } else if (count > 127) {
      count = ((count - 128) << 8) + input.getUint8(at++);
    }
    if (at >= end) return MALFORMED;
    const modes = input.getUint8(at++);
    if ((modes & 3) !== 0) return MALFORMED;
    at = this.#readTable(input, at, end, modes >> 6, LITERAL_LENGTH, this.#literalLength);
    if (at < 0) return MALFORMED;
    this.#literalLength = this.#fse.table;
    at = this.#readTable(input, at, end, (modes >> 4) & 3, OFFSET, this.#offset);
    if (at < 0) return MALFORMED;
    this.#offset = this.#fse.table;
    at = this.#readTable(input, at, end, (modes >> 2) & 3, MATCH_LENGTH, this.#matchLength);
    if (at < 0) return MALFORMED;
    this.#matchLength = this.#fse.table;
    if (!this.#bits.open(input, at, end)) return MALFORMED;
    return this.#execute(count, literals, out, frameStart, to, stop);
  }

  /** Leaves the table that a code is to be read with in the reader; answers the position behind it, or -1. */
  #readTable(
    input: DataView,
    at: number,
    end: number,
    mode: number,
    kind: CodeKind,
    last: FseTable | null,
  ): number {
    const fse = this.#fse;
    if (mode === MODE.described) return fse.read(input, at, end, kind.lastSymbol, kind.accuracyLogMax);
    if (mode === MODE.single) {
      const symbol = input.getUint8(at);
      if (at >= end || symbol > kind.lastSymbol) return MALFORMED;
      fse.table = singleSymbolTable(symbol);
      return at + 1;
    }
    if (mode === MODE.repeated && last === null) return MALFORMED;
    fse.table = mode === MODE.repeated && last !== null ? last : kind.predefined;
    return at;
  }

  #execute(
    count: number,
    literals: Uint8Array,
    out: Uint8Array,
    frameStart: number,
    start: number,
    stop: number,
  ): number {
    const bits = this.#bits;
    const { words } = bits;
    const literalTable = this.#literalLength ?? LITERAL_LENGTH.predefined;
    const offsetTable = this.#offset ?? OFFSET.predefined;
    const matchTable = this.#matchLength ?? MATCH_LENGTH.predefined;
    const literalStates = literalTable.states;
    const offsetStates = offsetTable.states;
    const matchStates = matchTable.states;
    let literalEntry = literalStates[bits.read(literalTable.accuracyLog)]!;
    let offsetEntry = offsetStates[bits.read(offsetTable.accuracyLog)]!;
    let matchEntry = matchStates[bits.read(matchTable.accuracyLog)]!;
    let literalsFrom = 0;
    let to = start;
    for (let left = count; left > 0; left--) {
      const offsetCode = offsetEntry >>> 24;
      const matchCode = matchEntry >>> 24;
      const literalCode = literalEntry >>> 24;
      const offsetValue = 2 ** offsetCode + bits.read(offsetCode);
      let matchLength = matchLengths.base[matchCode]!;
      if (matchCode >= MATCH_SINGLES) matchLength += bits.read(matchLengths.bits[matchCode]!);
      let literalLength = literalLengths.base[literalCode]!;
      if (literalCode >= LITERAL_SINGLES) literalLength += bits.read(literalLengths.bits[literalCode]!);
      if (left > 1) {
        const literalBits = (literalEntry >> 16) & 0xff;
        const matchBits = (matchEntry >> 16) & 0xff;
        const offsetBits = (offsetEntry >> 16) & 0xff;
        bits.left -= literalBits + matchBits + offsetBits;
        if (bits.left < 0) return MALFORMED;
        // up to 26 bits, and the first word holds 25 for certain
        let word = words.getInt32(bits.left >> 3, true) >>> (bits.left & 7);
        offsetEntry = offsetStates[(offsetEntry & 0xffff) + (word & ((1 << offsetBits) - 1))]!;
        word >>>= offsetBits;
        matchEntry = matchStates[(matchEntry & 0xffff) + (word & ((1 << matchBits) - 1))]!;
        const literalAt = bits.left + offsetBits + matchBits;
        word = words.getInt32(literalAt >> 3, true) >>> (literalAt & 7);
        literalEntry = literalStates[(literalEntry & 0xffff) + (word & ((1 << literalBits) - 1))]!;
      }
      const offset = this.#offsetOf(offsetValue, literalLength === 0);
      if (bits.left < 0 || literalLength > literals.length - literalsFrom) return MALFORMED;
      if (literalLength + matchLength > stop - to) return MALFORMED;
      const literalsEnd = literalsFrom + literalLength;
      if (literalLength > 48) {
        out.set(literals.subarray(literalsFrom, literalsEnd), to);
        to += literalLength;
        literalsFrom = literalsEnd;
      } else {
        while (literalsFrom < literalsEnd) out[to++] = literals[literalsFrom++]!;
      }
      if (offset <= 0 || offset > to - frameStart) return MALFORMED;
      const matchEnd = to + matchLength;
      if (matchLength > 48 && offset >= matchLength) {
        out.copyWithin(to, to - offset, matchEnd - offset);
        to = matchEnd;
      } else {
        for (let copied = to - offset; to < matchEnd;) out[to++] = out[copied++]!;
      }
    }
    return bits.left === 0 ? append(literals, literalsFrom, out, to, stop) : MALFORMED;
  }

  /** The offset that a value stands for: itself less three, or one of the last three. */
  #offsetOf(value: number, noLiterals: boolean): number {
    let offset = value - 3;
    if (offset > 0) {
      this.#recent3 = this.#recent2;
    } else {
      const choice = noLiterals ? value + 1 : value;
      if (choice === 1) return this.#recent1;
      offset = choice === 2 ? this.#recent2 : choice === 3 ? this.#recent3 : this.#recent1 - 1;
      if (choice > 2) this.#recent3 = this.#recent2;
    }
    this.#recent2 = this.#recent1;
    this.#recent1 = offset;
    return offset;
  }
}

function append(literals: Uint8Array, from: number, out: Uint8Array, to: number, stop: number): number {
  if (literals.length - from > stop - to) return MALFORMED;
  out.set(literals.subarray(from), to);
  return to + literals.length - from;
}
