import { randomBatch } from "./batches.ts";
import { BrokerConnection, type ResponseHandler } from "./connection.ts";
import type { LoadResult, ProduceJob, Target } from "./job.ts";
import { readBack } from "./read_back.ts";
import { AckReader, correlationIdAt, encodeProduce, setCorrelationId } from "./requests.ts";
import { createTopic } from "./topic.ts";
import { MeasuringWindow } from "./window.ts";

/** Requests that become due together are written together, up to this many bytes. */
const WRITE_BYTES_MAX = 256 * 1024;

/** A batch as it is sent over and over, and what it carries. */
export interface RepeatedBatch {
  readonly bytes: Uint8Array;
  readonly records: number;
  /** Bytes of the record values. */
  readonly payloadBytes: number;
}

/** Makes a batch to be sent over and over. */
export function repeatedBatch(records: number, recordBytes: number): RepeatedBatch {
  return { bytes: randomBatch(records, recordBytes), records, payloadBytes: records * recordBytes };
}

/** Writes at full speed, then reads everything back and compares. */
export async function runProduce(job: ProduceJob, target: Target): Promise<LoadResult> {
  await createTopic(target, job.topic, job.connections);
  const batch = repeatedBatch(job.recordsPerBatch, job.recordBytes);
  const window = new MeasuringWindow(target);
  const budget = new PayloadBudget(job.bytesMax, () => window.cutShort());
  const producers = await Promise.all(
    Array.from({ length: job.connections }, (_, partition) => {
      return PipelinedProducer.open(target, {
        topic: job.topic,
        partition,
        batch,
        inFlight: job.inFlight,
        onAck: (latencyMs) => {
          window.note(latencyMs, batch.records, batch.payloadBytes);
          budget.spend(batch.payloadBytes);
        },
        mayGoOn: () => !window.isStopping && !budget.isSpent,
      });
    }),
  );
  const result = await window.measure(Promise.all(producers.map((producer) => producer.run())), job);
  for (const [partition, producer] of producers.entries()) {
    await readBack(target, {
      topic: job.topic,
      partition,
      records: producer.ackedRecords,
      sent: batch.bytes,
    });
  }
  return result;
}

/** How much may be written in all, so that a fast machine does not fill a small disk. */
class PayloadBudget {
  #leftBytes: number;
  readonly #onSpent: () => void;

  constructor(bytesMax: number, onSpent: () => void) {
    this.#leftBytes = bytesMax;
    this.#onSpent = onSpent;
  }

  get isSpent(): boolean {
    return this.#leftBytes <= 0;
  }

  spend(bytes: number): void {
    this.#leftBytes -= bytes;
    if (this.isSpent) this.#onSpent();
  }
}

/** What one producer sends where, and whom it tells. */
export interface ProducerOptions {
  readonly topic: string;
  readonly partition: number;
  readonly batch: RepeatedBatch;
  readonly inFlight: number;
  /** Called for every acknowledged request. */
  readonly onAck: (latencyMs: number) => void;
  /** Asked before each request; the producer ends once it says no and all answers are in. */
  readonly mayGoOn: () => boolean;
}

/**
 * Keeps a number of equal requests unanswered on one connection. It is the only
 * writer of its partition, so each acknowledgement must name the very next offset.
 */
export class PipelinedProducer {
  readonly #connection: BrokerConnection;
  readonly #options: ProducerOptions;
  /** As many copies of the request as one write takes. */
  readonly #frames: Uint8Array<ArrayBuffer>;
  readonly #frameBytes: number;
  readonly #framesPerWrite: number;
  readonly #acks: AckReader;
  /** When request `id` was sent, at `id % inFlight`. */
  readonly #sentAtMs: Float64Array;
  readonly #onResponse: ResponseHandler = (bytes, start, end) => this.#acknowledge(bytes, start, end);
  #sent = 0;
  #acked = 0;
  #sending: Promise<void> | null = null;

  private constructor(connection: BrokerConnection, options: ProducerOptions) {
    const frame = encodeProduce(options.topic, options.partition, options.batch.bytes);
    this.#connection = connection;
    this.#options = options;
    this.#frameBytes = frame.length;
    this.#framesPerWrite = Math.min(
      options.inFlight,
      Math.max(1, Math.floor(WRITE_BYTES_MAX / frame.length)),
    );
    this.#frames = new Uint8Array(frame.length * this.#framesPerWrite);
    for (let copy = 0; copy < this.#framesPerWrite; copy++) this.#frames.set(frame, copy * frame.length);
    this.#acks = new AckReader(options.topic);
    this.#sentAtMs = new Float64Array(options.inFlight);
  }

  static async open(target: Target, options: ProducerOptions): Promise<PipelinedProducer> {
    return new PipelinedProducer(await BrokerConnection.open(target), options);
  }

  get ackedRecords(): number {
    return this.#acked * this.#options.batch.records;
  }

  /** Sends and checks until it may not go on. */
  async run(): Promise<void> {
    const sendingFailed = Promise.withResolvers<never>();
    const keepSending = () => {
      if (this.#sending !== null) return;
      this.#sending = this.#send().finally(() => this.#sending = null);
      this.#sending.catch(sendingFailed.reject);
    };
    try {
      keepSending();
      while (this.#acked < this.#sent) {
        await Promise.race([this.#connection.receive(this.#onResponse), sendingFailed.promise]);
        keepSending();
      }
    } finally {
      this.#connection.close();
    }
  }

  /** Sends until as many requests are unanswered as there may be. */
  async #send(): Promise<void> {
    const { inFlight, mayGoOn } = this.#options;
    while (this.#sent - this.#acked < inFlight && mayGoOn()) {
      const count = Math.min(inFlight - (this.#sent - this.#acked), this.#framesPerWrite);
      const nowMs = performance.now();
      for (let index = 0; index < count; index++) {
        setCorrelationId(this.#frames, index * this.#frameBytes, this.#sent);
        this.#sentAtMs[this.#sent % inFlight] = nowMs;
        this.#sent++;
      }
      await this.#connection.send(this.#frames.subarray(0, count * this.#frameBytes));
    }
  }

  #acknowledge(bytes: Uint8Array, start: number, end: number): void {
    const { batch, inFlight, onAck } = this.#options;
    const correlationId = correlationIdAt(bytes, start);
    if (correlationId !== this.#acked) {
      throw new Error(`request ${this.#acked} was to be answered, ${correlationId} was`);
    }
    const baseOffset = this.#acks.baseOffset(bytes, start, end);
    if (baseOffset !== this.#acked * batch.records) {
      throw new Error(`offset ${this.#acked * batch.records} was to be acknowledged, ${baseOffset} was`);
    }
    const latencyMs = performance.now() - this.#sentAtMs[this.#acked % inFlight]!;
    this.#acked++;
    onAck(latencyMs);
  }
}
