/**
 * Finite state entropy (RFC 8878, section 4.1): a table of states, each of which stands for a
 * symbol and says how many bits to read to come to the next.
 */
export interface FseTable {
  /** The number of states is 2 to this power. */
  readonly accuracyLog: number;
  /** By state: the symbol in bits 24–31, the number of bits in 16–23, the base of the next state in 0–15. */
  readonly states: Int32Array;
}

/** The widest table that any part of the format may ask for. */
const STATES_MAX = 512;
const SYMBOLS_MAX = 256;
const MALFORMED = -1;

/** Scratch of one call at a time: how often each symbol stands in the table; −1 is "less than once". */
const counts = new Int16Array(SYMBOLS_MAX);
const nextStates = new Uint16Array(SYMBOLS_MAX);

/** A table in which the one state stands for `symbol` and reads nothing. */
export function singleSymbolTable(symbol: number): FseTable {
  return { accuracyLog: 0, states: Int32Array.of(symbol << 24) };
}

/** The table of a distribution that the format itself defines. */
export function tableOf(accuracyLog: number, distribution: readonly number[]): FseTable {
  counts.set(distribution);
  return buildTable(accuracyLog, distribution.length);
}

/** A table that was described in the data, and where its description ends. */
export class FseReader {
  table: FseTable = singleSymbolTable(0);

  /**
   * Reads the description at `from`, of symbols up to `lastSymbol`, into {@link table}. Answers
   * the position behind it, or -1.
   */
  read(input: DataView, from: number, end: number, lastSymbol: number, accuracyLogMax: number): number {
    if (from >= end) return MALFORMED;
    const accuracyLog = (input.getUint8(from) & 15) + 5;
    if (accuracyLog > accuracyLogMax) return MALFORMED;
    const endBit = end * 8;
    let bitAt = from * 8 + 4;
    let left = (1 << accuracyLog) + 1;
    let threshold = 1 << accuracyLog;
    let width = accuracyLog + 1;
    let symbol = 0;
    while (left > 1 && symbol <= lastSymbol) {
      // a value takes one bit less when it is small enough to be told by that
      const window = bitsAt(input, bitAt);
      const shortOnes = 2 * threshold - 1 - left;
      let value = window & (threshold - 1);
      if (value < shortOnes) {
        bitAt += width - 1;
      } else {
        value = window & (2 * threshold - 1);
        if (value >= threshold) value -= shortOnes;
        bitAt += width;
      }
      const count = value - 1;
      counts[symbol++] = count;
      left -= Math.abs(count);
      if (bitAt > endBit) return MALFORMED;
      while (left < threshold && width > 1) {
        width--;
        threshold >>= 1;
      }
      if (count !== 0) continue;
      // a zero is followed by how many more there are, in pairs of bits; three goes on
      for (let more = 3; more === 3;) {
        more = bitsAt(input, bitAt) & 3;
        bitAt += 2;
        if (symbol + more > lastSymbol + 1 || bitAt > endBit) return MALFORMED;
        for (let index = 0; index < more; index++) counts[symbol++] = 0;
      }
    }
    if (left !== 1 || bitAt > endBit) return MALFORMED;
    this.table = buildTable(accuracyLog, symbol);
    return (bitAt + 7) >> 3;
  }
}

function bitsAt(input: DataView, bitAt: number): number {
  return input.getInt32(bitAt >> 3, true) >>> (bitAt & 7);
}

/** Spreads the symbols of `counts` over the states: the scattered order is part of the format. */
function buildTable(accuracyLog: number, symbolCount: number): FseTable {
  const size = 1 << accuracyLog;
  const symbols = spread.subarray(0, size);
  let high = size;
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    if (counts[symbol] === -1) {
      symbols[--high] = symbol;
      nextStates[symbol] = 1;
    } else {
      nextStates[symbol] = counts[symbol]!;
    }
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (let left = counts[symbol]!; left > 0; left--) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1); while (at >= high);
    }
  }
  const states = new Int32Array(size);
  for (let state = 0; state < size; state++) {
    const symbol = symbols[state]!;
    const next = nextStates[symbol]!++;
    const width = accuracyLog - (31 - Math.clz32(next));
    states[state] = (symbol << 24) | (width << 16) | ((next << width) - size);
  }
  return { accuracyLog, states };
}

const spread = new Uint8Array(STATES_MAX);
