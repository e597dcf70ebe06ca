/** The records that all clients write: made from a seed, so that a failure can be made again. */
import { assignOffsets, type DataHeader, type DataRecord } from "./data_record.ts";

/** What the data set depends on. */
export interface DataSetOptions {
  readonly count: number;
  readonly seed: number;
  readonly partitions: number;
  /** The first record's timestamp. Recent, because a broker may drop records older than a week. */
  readonly baseTimeMs: number;
}

const encoder = new TextEncoder();

/** Text of several scripts, with characters of one to four bytes in UTF-8 and a combining mark. */
const WORDS = [
  "order",
  "payment",
  "shipped",
  "Grüße",
  "naïve",
  "cafe\u0301",
  "заказ",
  "注文",
  "주문",
  "طلب",
  "🚚",
  "👩‍🔧",
  "€",
];
const HEADER_NAMES = ["trace", "content-type", "tenant", "größe", "🔑", "x"];

/** Makes the records, spread over the partitions in runs, so that batches hold more than one. */
export function makeDataSet({ count, seed, partitions, baseTimeMs }: DataSetOptions): DataRecord[] {
  const random = new SeededRandom(seed);
  const records: DataRecord[] = [];
  let partition = 0;
  for (let i = 0; i < count; i++) {
    if (random.chance(0.1)) partition = random.below(partitions);
    records.push({
      partition,
      offset: 0,
      // Not always later than the record before: brokers must not assume so.
      timestampMs: baseTimeMs + i * 3 + random.below(50),
      key: makeKey(random),
      value: makeValue(random),
      headers: makeHeaders(random),
    });
  }
  return assignOffsets(records);
}

function makeKey(random: SeededRandom): Uint8Array | null {
  const kind = random.below(20);
  if (kind < 3) return null;
  if (kind < 4) return new Uint8Array();
  if (kind < 14) return encoder.encode(`${random.pick(WORDS)}-${random.below(5_000)}`);
  return random.bytes(1 + random.below(40));
}

function makeValue(random: SeededRandom): Uint8Array | null {
  const kind = random.below(20);
  if (kind < 1) return null;
  if (kind < 2) return new Uint8Array();
  const size = makeSize(random);
  return kind < 13 ? makeText(random, size) : random.bytes(size);
}

/** Mostly small, as real records are; one in a thousand up to 100 KB. */
function makeSize(random: SeededRandom): number {
  const kind = random.below(1_000);
  if (kind < 900) return 1 + random.below(200);
  if (kind < 990) return 200 + random.below(2_000);
  if (kind < 999) return 2_000 + random.below(8_000);
  return 50_000 + random.below(50_000);
}

function makeText(random: SeededRandom, size: number): Uint8Array {
  let text = "";
  while (text.length < size) {
    text += `${random.pick(WORDS)}${random.pick([" ", " ", ", ", "\t", "\n", ": "])}`;
  }
  return encoder.encode(text);
}

function makeHeaders(random: SeededRandom): DataHeader[] {
  const kind = random.below(20);
  if (kind < 11) return [];
  const count = kind < 15 ? 1 : 2 + random.below(4);
  return Array.from({ length: count }, () => ({
    name: random.pick(HEADER_NAMES),
    value: makeHeaderValue(random),
  }));
}

function makeHeaderValue(random: SeededRandom): Uint8Array | null {
  const kind = random.below(10);
  if (kind < 1) return null;
  if (kind < 2) return new Uint8Array();
  return kind < 7 ? encoder.encode(random.pick(WORDS)) : random.bytes(1 + random.below(24));
}

/** Mulberry32: small, fast, and the same in every run. */
class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    return Math.floor((this.#next() / 2 ** 32) * limit);
  }

  chance(probability: number): boolean {
    return this.#next() < probability * 2 ** 32;
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)];
    if (choice === undefined) throw new RangeError("nothing to choose from");
    return choice;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.#next() >>> 24;
    return bytes;
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
