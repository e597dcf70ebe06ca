import { repeatedBatch } from "./batches.ts";
import { BrokerConnection } from "./connection.ts";
import type { RateShape, Target } from "./job.ts";
import { AckReader, PreparedProduce } from "./requests.ts";

/** As real producers have it: at most five unanswered requests, and what comes meanwhile is gathered. */
const IN_FLIGHT = 5;
/** Most payload of one request, below the one megabyte that brokers take by default. */
const REQUEST_PAYLOAD_BYTES_MAX = 900_000;
const TICK_MS = 1;
/** Requests of up to this many portions are encoded before the load begins; more come together rarely. */
const READY_REQUESTS = 10;

/** When each portion of records came into being, by its number: one portion a millisecond. */
export class PortionClock {
  /** Records that come into being together. */
  readonly portionRecords: number;
  readonly #bornAtMs: Float64Array;

  constructor(recordsPerSecond: number, durationMs: number) {
    this.portionRecords = Math.max(1, Math.round(recordsPerSecond * TICK_MS / 1000));
    // Twice the time, for a load that takes longer to end.
    this.#bornAtMs = new Float64Array(2 * durationMs / TICK_MS);
  }

  get portionsMax(): number {
    return this.#bornAtMs.length;
  }

  born(portion: number, atMs: number): void {
    this.#bornAtMs[portion] = atMs;
  }

  /** Calls `note` with the age of each portion among the records [from, to), which are whole portions. */
  ages(from: number, to: number, note: (ageMs: number) => void): void {
    const nowMs = performance.now();
    for (let offset = from; offset < to; offset += this.portionRecords) {
      note(nowMs - this.#bornAtMs[offset / this.portionRecords]!);
    }
  }
}

/** Where to send, and whom to tell. */
export interface RateProducerOptions {
  readonly topic: string;
  readonly shape: RateShape;
  readonly clock: PortionClock;
  /** Called with the offsets [from, to) of each acknowledged request. */
  readonly onAck: (from: number, to: number) => void;
}

/** Sends the portions that are due at once, gathered into one batch per request, to partition 0. */
export class RateProducer {
  readonly #connection: BrokerConnection;
  readonly #options: RateProducerOptions;
  readonly #acks: AckReader;
  /** Requests by how many portions they carry, encoded when first needed. */
  readonly #requests: Uint8Array<ArrayBuffer>[] = [];
  readonly #portionsPerRequestMax: number;
  /** How many records each unanswered request carries, oldest first. */
  readonly #unanswered: number[] = [];
  readonly #failed = Promise.withResolvers<never>();
  #receiving: Promise<void> | null = null;
  #born = 0;
  #sent = 0;
  #acked = 0;

  private constructor(connection: BrokerConnection, options: RateProducerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#acks = new AckReader(options.topic);
    const portionBytes = options.clock.portionRecords * options.shape.recordBytes;
    this.#portionsPerRequestMax = Math.max(1, Math.floor(REQUEST_PAYLOAD_BYTES_MAX / portionBytes));
  }

  static async open(target: Target, options: RateProducerOptions): Promise<RateProducer> {
    return new RateProducer(await BrokerConnection.open(target), options);
  }

  get ackedRecords(): number {
    return this.#acked;
  }

  async run(isStopping: () => boolean): Promise<void> {
    for (let portions = 1; portions <= READY_REQUESTS; portions++) this.#request(portions);
    try {
      const beganAtMs = performance.now();
      while (!isStopping() || this.#sent < this.#born) {
        if (!isStopping()) this.#bear(performance.now(), beganAtMs);
        await Promise.race([this.#sendDue(), this.#failed.promise]);
        await Promise.race([nextTick(), this.#failed.promise]);
      }
      await this.#receiving;
    } finally {
      this.#connection.close();
    }
  }

  /** Notes the portions that have come into being since the last time. */
  #bear(nowMs: number, beganAtMs: number): void {
    const { clock } = this.#options;
    const due = Math.min(Math.floor((nowMs - beganAtMs) / TICK_MS), clock.portionsMax);
    for (; this.#born < due; this.#born++) clock.born(this.#born, nowMs);
  }

  async #sendDue(): Promise<void> {
    while (this.#sent < this.#born && this.#unanswered.length < IN_FLIGHT) {
      const portions = Math.min(this.#born - this.#sent, this.#portionsPerRequestMax);
      const request = this.#request(portions);
      this.#unanswered.push(portions * this.#options.clock.portionRecords);
      this.#sent += portions;
      await this.#connection.send(request);
      this.#receiving ??= this.#receiveAll().finally(() => this.#receiving = null);
    }
  }

  /** Takes in answers until none is missing. */
  async #receiveAll(): Promise<void> {
    try {
      while (this.#unanswered.length > 0) {
        await this.#connection.receive((bytes, start, end) => this.#acknowledge(bytes, start, end));
      }
    } catch (error) {
      this.#failed.reject(error);
    }
  }

  #request(portions: number): Uint8Array<ArrayBuffer> {
    const known = this.#requests[portions];
    if (known !== undefined) return known;
    const { topic, shape, clock } = this.#options;
    const recordsPerBatch = portions * clock.portionRecords;
    const batch = repeatedBatch({ recordsPerBatch, recordBytes: shape.recordBytes, compression: null });
    const request = new PreparedProduce(topic, batch.bytes).bytes;
    this.#requests[portions] = request;
    return request;
  }

  #acknowledge(bytes: Uint8Array, start: number, end: number): void {
    const from = this.#acked;
    const baseOffset = this.#acks.baseOffset(bytes, start, end);
    if (baseOffset !== from) throw new Error(`offset ${from} was to be acknowledged, ${baseOffset} was`);
    this.#acked += this.#unanswered.shift() ?? 0;
    this.#options.onAck(from, this.#acked);
  }
}

function nextTick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, TICK_MS));
}
