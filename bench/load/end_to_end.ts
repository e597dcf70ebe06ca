import { BatchWalker } from "./batches.ts";
import { BrokerConnection } from "./connection.ts";
import type { EndToEndJob, LoadResult, Target } from "./job.ts";
import { type RepeatedBatch, repeatedBatch } from "./produce.ts";
import { AckReader, correlationIdAt, decodeFetch, encodeProduce, PreparedFetch } from "./requests.ts";
import { createTopic } from "./topic.ts";
import { MeasuringWindow } from "./window.ts";

/** As real producers have it: at most five unanswered requests, and what comes meanwhile is gathered. */
const IN_FLIGHT = 5;
/** Most payload of one request, below the one megabyte that brokers take by default. */
const REQUEST_PAYLOAD_BYTES_MAX = 900_000;
const TICK_MS = 1;
/** Requests of up to this many portions are encoded before the load begins; more come together rarely. */
const READY_REQUESTS = 10;
const MAX_WAIT_MS = 500;
const FETCH_BYTES = 1024 * 1024;
/** A broker that falls this far behind the wanted rate has not held it. */
const RATE_HELD = 0.97;

/**
 * Records come into being in equal portions, one portion a millisecond, and are sent
 * at once. A record's latency runs from the moment the producer has it, so waiting
 * behind a slow broker counts, to the moment a consumer on another connection holds it.
 */
export async function runEndToEnd(job: EndToEndJob, target: Target): Promise<LoadResult> {
  await createTopic(target, job.topic, 1);
  const window = new MeasuringWindow(target);
  const portionRecords = Math.max(1, Math.round(job.recordsPerSecond * TICK_MS / 1000));
  const clock = new PortionClock(2 * (job.warmupMs + job.windowMs) / TICK_MS);
  const producer = await RateProducer.open(target, job, { portionRecords, clock });
  const consumer = await TailConsumer.open(target, job, { portionRecords, clock, window });
  const run = async () => {
    await producer.run(() => window.isStopping);
    consumer.endAt(producer.ackedRecords);
  };
  const result = await window.measure(Promise.all([run(), consumer.run()]), job);
  const perSecond = result.records / (result.windowMs / 1000);
  if (perSecond < RATE_HELD * job.recordsPerSecond) {
    throw new Error(`held ${Math.round(perSecond)} of ${job.recordsPerSecond} records a second`);
  }
  // What counts is the way of a record; its producer and consumer send as many requests as they like.
  return { ...result, requests: null };
}

/** When each portion of records came into being, by its number. */
class PortionClock {
  readonly #bornAtMs: Float64Array;

  constructor(portionsMax: number) {
    this.#bornAtMs = new Float64Array(portionsMax);
  }

  get portionsMax(): number {
    return this.#bornAtMs.length;
  }

  born(portion: number, atMs: number): void {
    this.#bornAtMs[portion] = atMs;
  }

  ageMs(portion: number, nowMs: number): number {
    return nowMs - this.#bornAtMs[portion]!;
  }
}

interface Portions {
  readonly portionRecords: number;
  readonly clock: PortionClock;
}

/** Sends the portions that are due, gathered into one batch per request. */
class RateProducer {
  readonly #connection: BrokerConnection;
  readonly #job: EndToEndJob;
  readonly #portions: Portions;
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

  private constructor(connection: BrokerConnection, job: EndToEndJob, portions: Portions) {
    this.#connection = connection;
    this.#job = job;
    this.#portions = portions;
    this.#acks = new AckReader(job.topic);
    const portionBytes = portions.portionRecords * job.recordBytes;
    this.#portionsPerRequestMax = Math.max(1, Math.floor(REQUEST_PAYLOAD_BYTES_MAX / portionBytes));
  }

  static async open(target: Target, job: EndToEndJob, portions: Portions): Promise<RateProducer> {
    return new RateProducer(await BrokerConnection.open(target), job, portions);
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
    const { clock } = this.#portions;
    const due = Math.min(Math.floor((nowMs - beganAtMs) / TICK_MS), clock.portionsMax);
    for (; this.#born < due; this.#born++) clock.born(this.#born, nowMs);
  }

  async #sendDue(): Promise<void> {
    while (this.#sent < this.#born && this.#unanswered.length < IN_FLIGHT) {
      const portions = Math.min(this.#born - this.#sent, this.#portionsPerRequestMax);
      const request = this.#request(portions);
      this.#unanswered.push(portions * this.#portions.portionRecords);
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
    const { topic, recordBytes } = this.#job;
    const batch: RepeatedBatch = repeatedBatch(portions * this.#portions.portionRecords, recordBytes);
    const request = encodeProduce(topic, 0, batch.bytes);
    this.#requests[portions] = request;
    return request;
  }

  #acknowledge(bytes: Uint8Array, start: number, end: number): void {
    const baseOffset = this.#acks.baseOffset(bytes, start, end);
    if (baseOffset !== this.#acked) {
      throw new Error(`offset ${this.#acked} was to be acknowledged, ${baseOffset} was`);
    }
    this.#acked += this.#unanswered.shift() ?? 0;
  }
}

/** Waits at the end of the log with long polls and notes how old each record is when it comes. */
class TailConsumer {
  readonly #connection: BrokerConnection;
  readonly #job: EndToEndJob;
  readonly #options: Portions & { readonly window: MeasuringWindow };
  #endOffset = Number.POSITIVE_INFINITY;

  private constructor(
    connection: BrokerConnection,
    job: EndToEndJob,
    options: Portions & { readonly window: MeasuringWindow },
  ) {
    this.#connection = connection;
    this.#job = job;
    this.#options = options;
  }

  static async open(
    target: Target,
    job: EndToEndJob,
    options: Portions & { readonly window: MeasuringWindow },
  ): Promise<TailConsumer> {
    return new TailConsumer(await BrokerConnection.open(target), job, options);
  }

  /** Tells how many records there will ever be. */
  endAt(offset: number): void {
    this.#endOffset = offset;
  }

  async run(): Promise<void> {
    const { portionRecords, clock, window } = this.#options;
    const { topic, recordBytes } = this.#job;
    const request = new PreparedFetch({ topic, partition: 0, maxBytes: FETCH_BYTES, maxWaitMs: MAX_WAIT_MS });
    const walker = new BatchWalker(null);
    let sent = 0;
    let answered = 0;
    const onResponse = (bytes: Uint8Array<ArrayBuffer>, start: number, end: number) => {
      answered = correlationIdAt(bytes, start);
      const { records } = decodeFetch({ bytes, start, end });
      if (records.length === 0) return;
      const from = walker.nextOffset;
      walker.walk(records);
      const nowMs = performance.now();
      for (let offset = from; offset < walker.nextOffset; offset += portionRecords) {
        window.noteLatency(clock.ageMs(offset / portionRecords, nowMs), portionRecords);
      }
      window.count(walker.nextOffset - from, (walker.nextOffset - from) * recordBytes);
    };
    try {
      while (walker.nextOffset < this.#endOffset) {
        await this.#connection.send(request.at(walker.nextOffset, ++sent));
        while (answered !== sent) await this.#connection.receive(onResponse);
      }
    } finally {
      this.#connection.close();
    }
  }
}

function nextTick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, TICK_MS));
}
