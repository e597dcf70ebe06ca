import type { ProducerIdentity, RepeatedBatch } from "./batches.ts";
import { BrokerConnection, type ResponseHandler } from "./connection.ts";
import type { Target } from "./job.ts";
import { AckReader, correlationIdAt, PreparedProduce, setCorrelationId } from "./requests.ts";
import { SequenceStamp } from "./sequence_stamp.ts";

/** Requests that become due together are written together, up to this many bytes. */
const WRITE_BYTES_MAX = 256 * 1024;
/** Acknowledgements are small, and a run may have hundreds of producers. */
const READ_BUFFER_BYTES = 16 * 1024;

/** What one producer sends where, and whom it tells. */
export interface ProducerOptions {
  readonly topic: string;
  /** Written to in turn; nobody else writes to them. */
  readonly partitions: readonly number[];
  readonly batch: RepeatedBatch;
  /** Given when the batch carries sequence numbers. */
  readonly identity: ProducerIdentity | null;
  readonly inFlight: number;
  /** What it calls itself, if not as all others. */
  readonly clientId?: string;
  /** Called for every acknowledged request. */
  readonly onAck: (latencyMs: number) => void;
  /** Asked before each request; the producer ends once it says no and all answers are in. */
  readonly mayGoOn: () => boolean;
}

/**
 * Keeps a number of equal requests unanswered on one connection. It is the only
 * writer of its partitions, so each acknowledgement must name the very next offset.
 */
export class PipelinedProducer {
  readonly #connection: BrokerConnection;
  readonly #options: ProducerOptions;
  readonly #prepared: PreparedProduce;
  /** As many copies of the request as one write takes. */
  readonly #frames: Uint8Array<ArrayBuffer>;
  readonly #framesPerWrite: number;
  readonly #stamp: SequenceStamp | null;
  readonly #acks: AckReader;
  /** When request `id` was sent, at `id % inFlight`. */
  readonly #sentAtMs: Float64Array;
  readonly #onResponse: ResponseHandler = (bytes, start, end) => this.#acknowledge(bytes, start, end);
  #mayGoOn: () => boolean = () => false;
  #onAck: (latencyMs: number) => void = () => {};
  #sent = 0;
  #acked = 0;
  #sending: Promise<void> | null = null;

  private constructor(connection: BrokerConnection, options: ProducerOptions) {
    const { topic, batch, identity, inFlight, clientId } = options;
    this.#connection = connection;
    this.#options = options;
    this.#prepared = new PreparedProduce(topic, batch.bytes, clientId);
    const { bytes } = this.#prepared;
    this.#framesPerWrite = Math.min(inFlight, Math.max(1, Math.floor(WRITE_BYTES_MAX / bytes.length)));
    this.#frames = new Uint8Array(bytes.length * this.#framesPerWrite);
    for (let copy = 0; copy < this.#framesPerWrite; copy++) this.#frames.set(bytes, copy * bytes.length);
    this.#stamp = identity === null ? null : new SequenceStamp(batch.bytes);
    this.#acks = new AckReader(topic);
    this.#sentAtMs = new Float64Array(inFlight);
  }

  static async open(target: Target, options: ProducerOptions): Promise<PipelinedProducer> {
    const connection = await BrokerConnection.open(target, { readBufferBytes: READ_BUFFER_BYTES });
    return new PipelinedProducer(connection, options);
  }

  /** Records that were acknowledged in the `index`-th of its partitions. */
  ackedRecords(index: number): number {
    const { batch, partitions } = this.#options;
    return Math.ceil((this.#acked - index) / partitions.length) * batch.records;
  }

  /**
   * Writes once to each partition and waits, without telling anybody: a broker may do things at the
   * first write to a partition that it never does again.
   */
  async prime(): Promise<void> {
    this.#mayGoOn = () => this.#sent < this.#options.partitions.length;
    this.#onAck = () => {};
    await this.#pump();
  }

  /** Sends and checks until it may not go on, then closes its connection. */
  async run(): Promise<void> {
    this.#mayGoOn = this.#options.mayGoOn;
    this.#onAck = this.#options.onAck;
    try {
      await this.#pump();
    } finally {
      this.#connection.close();
    }
  }

  async #pump(): Promise<void> {
    const sendingFailed = Promise.withResolvers<never>();
    const keepSending = () => {
      if (this.#sending !== null) return;
      this.#sending = this.#send().finally(() => this.#sending = null);
      this.#sending.catch(sendingFailed.reject);
    };
    keepSending();
    while (this.#acked < this.#sent) {
      await Promise.race([this.#connection.receive(this.#onResponse), sendingFailed.promise]);
      keepSending();
    }
    await this.#sending;
  }

  /** Sends until as many requests are unanswered as there may be. */
  async #send(): Promise<void> {
    const { inFlight } = this.#options;
    const frameBytes = this.#prepared.bytes.length;
    while (this.#sent - this.#acked < inFlight && this.#mayGoOn()) {
      const count = Math.min(inFlight - (this.#sent - this.#acked), this.#framesPerWrite);
      const nowMs = performance.now();
      for (let index = 0; index < count; index++) {
        this.#address(index * frameBytes, this.#sent);
        this.#sentAtMs[this.#sent % inFlight] = nowMs;
        this.#sent++;
      }
      await this.#connection.send(this.#frames.subarray(0, count * frameBytes));
    }
  }

  /** Makes the frame at `at` the request `id`. */
  #address(at: number, id: number): void {
    const { partitions, batch } = this.#options;
    setCorrelationId(this.#frames, at, id);
    this.#prepared.setPartition(this.#frames, at, partitions[id % partitions.length]!);
    if (this.#stamp === null) return;
    const sequence = Math.floor(id / partitions.length) * batch.records % 2 ** 31;
    this.#stamp.stamp(this.#frames, at + this.#prepared.recordsAt, sequence);
  }

  #acknowledge(bytes: Uint8Array, start: number, end: number): void {
    const { batch, partitions, inFlight } = this.#options;
    const id = this.#acked;
    const correlationId = correlationIdAt(bytes, start);
    if (correlationId !== id) throw new Error(`request ${id} was to be answered, ${correlationId} was`);
    const baseOffset = this.#acks.baseOffset(bytes, start, end);
    const expected = Math.floor(id / partitions.length) * batch.records;
    if (baseOffset !== expected) {
      throw new Error(`offset ${expected} was to be acknowledged, ${baseOffset} was`);
    }
    const latencyMs = performance.now() - this.#sentAtMs[id % inFlight]!;
    this.#acked++;
    this.#onAck(latencyMs);
  }
}
