/** Much data at little cost, each record of which says which one it is. */
import assert from "node:assert/strict";
import { ErrorCode, errorName } from "../../src/base/error_codes.ts";
import { batchAt, BatchHeader, RecordCursor } from "../../src/records/mod.ts";
import { buildBatch } from "../../src/records/compress.ts";
import { EARLIEST, fetch, newProducerId, offsetOf, produce, type TopicRef } from "../support/requests.ts";
import { ConnectionEnded, WireClient } from "../support/wire_client.ts";

const IN_FLIGHT = 5;
/** Partition and number, at the front of each value. */
const STAMP_BYTES = 12;
const MIN_BYTES = 100;
const MAX_BYTES = 1000;
const FETCH_BYTES = 8 * 2 ** 20;

/** What a load is made of. */
export interface LoadShape {
  readonly partitions: number;
  readonly connections: number;
  readonly recordsPerBatch: number;
}

/** A batch of such records, and who sends it. */
interface Numbered {
  readonly partition: number;
  readonly first: number;
  readonly count: number;
  readonly producerId: number;
  readonly sequence: number;
}

/** Bytes of a record's value: 100 to 1000, most of them short, and the same for everyone who asks. */
export function valueBytes(number: number): number {
  const unit = ((number * 7919) % 1009) / 1009;
  return MIN_BYTES + Math.floor(unit * unit * (MAX_BYTES - MIN_BYTES));
}

/**
 * Idempotent producers, each with partitions of its own, that send batch after batch to each in turn. It knows what
 * was acknowledged, whatever becomes of the broker.
 */
export class NumberedLoad {
  /** Records that were acknowledged, by partition: those of the numbers below. */
  readonly acknowledged: number[];
  readonly #port: number;
  readonly #topic: TopicRef;
  readonly #shape: LoadShape;
  #stopped = false;

  constructor(port: number, topic: TopicRef, shape: LoadShape) {
    this.#port = port;
    this.#topic = topic;
    this.#shape = shape;
    this.acknowledged = Array.from({ length: shape.partitions }, () => 0);
  }

  get total(): number {
    return this.acknowledged.reduce((sum, count) => sum + count, 0);
  }

  /** Writes so many more to each partition; ends early, and well, when the broker is gone. */
  async run(recordsEach: number): Promise<void> {
    const { connections } = this.#shape;
    await Promise.all(
      Array.from({ length: connections }, (_, index) => this.#connection(index, recordsEach)),
    );
  }

  async #connection(index: number, recordsEach: number): Promise<void> {
    try {
      await using client = await WireClient.connect(this.#port);
      await this.#write(client, index, recordsEach);
    } catch (error) {
      if (!(error instanceof ConnectionEnded)) throw error;
      this.#stopped = true;
    }
  }

  async #write(client: WireClient, index: number, recordsEach: number): Promise<void> {
    const { partitions, connections, recordsPerBatch } = this.#shape;
    const producerId = await newProducerId(client);
    const starts = [...this.acknowledged];
    const flying: Promise<void>[] = [];
    for (let done = 0; done < recordsEach && !this.#stopped; done += recordsPerBatch) {
      const count = Math.min(recordsPerBatch, recordsEach - done);
      for (let partition = index; partition < partitions; partition += connections) {
        if (flying.length === IN_FLIGHT) await flying.shift();
        const first = starts[partition]! + done;
        const sending = this.#send(client, { partition, first, count, producerId, sequence: done });
        // It is awaited in its turn; until then a failure must not count as nobody's.
        sending.catch(() => {});
        flying.push(sending);
      }
    }
    await Promise.all(flying);
  }

  async #send(client: WireClient, batch: Numbered): Promise<void> {
    const { partition, first, count } = batch;
    const { errorCode, baseOffset } = await produce(client, this.#topic, numberedBatch(batch), { partition });
    assert.equal(errorCode, ErrorCode.NONE, `${errorName(errorCode)} for ${partition}/${first}`);
    assert.equal(baseOffset, first);
    this.acknowledged[partition] = first + count;
  }
}

function numberedBatch({ partition, first, count, producerId, sequence }: Numbered): Uint8Array {
  const timestampMs = Date.now();
  const records = Array.from({ length: count }, (_, index) => {
    const value = new Uint8Array(valueBytes(first + index));
    const view = new DataView(value.buffer);
    view.setUint32(0, partition);
    view.setFloat64(4, first + index);
    value.fill((first + index) & 0xff, STAMP_BYTES);
    return { value, timestampMs };
  });
  return buildBatch(records, { producerId, producerEpoch: 0, baseSequence: sequence });
}

/**
 * Reads a partition from its start to its end: each record must be the one that was written there. Answers how many
 * there are.
 */
export async function readNumbered(client: WireClient, topic: TopicRef, partition: number): Promise<number> {
  const { offset: start } = await offsetOf(client, topic, EARLIEST, { partition });
  assert.equal(start, 0, `the start of partition ${partition}`);
  for (let offset = start;;) {
    const limits = { maxBytes: FETCH_BYTES, partitionMaxBytes: FETCH_BYTES };
    const result = await fetch(client, topic, offset, { partition, ...limits });
    const place = `at offset ${offset} of partition ${partition}`;
    assert.equal(result.errorCode, ErrorCode.NONE, `${errorName(result.errorCode)} ${place}`);
    const next = checkNumbered(result.records ?? new Uint8Array(), partition, offset);
    if (next === offset) {
      assert.equal(result.highWatermark, offset, `there is more than what is served ${place}`);
      return offset;
    }
    offset = next;
  }
}

/** Holds the batches of a fetch at `offset` against what they must be; answers the offset behind them. */
function checkNumbered(bytes: Uint8Array, partition: number, offset: number): number {
  const header = new BatchHeader();
  const cursor = new RecordCursor();
  let next = offset;
  for (let at = 0; at < bytes.length;) {
    const length = batchAt(bytes, at, bytes.length);
    if (length < 0) break;
    assert.equal(cursor.open(bytes, at, header.read(bytes, at), Infinity), null);
    while (cursor.next()) {
      if (cursor.offset < offset) continue;
      checkRecord(cursor, partition, next);
      next++;
    }
    assert.equal(cursor.fault, null);
    at += length;
  }
  return next;
}

function checkRecord(cursor: RecordCursor, partition: number, number: number): void {
  const value = cursor.value();
  const view = value === null ? null : new DataView(value.buffer, value.byteOffset, value.length);
  const found = view === null || view.byteLength < STAMP_BYTES
    ? null
    : `${view.getUint32(0)}/${view.getFloat64(4)} of ${view.byteLength} bytes, ending in ${value?.at(-1)}`;
  const due = `${partition}/${number} of ${valueBytes(number)} bytes, ending in ${number & 0xff}`;
  if (found !== due || cursor.offset !== number) {
    assert.fail(`${found} at offset ${cursor.offset} where ${due} is due`);
  }
}
