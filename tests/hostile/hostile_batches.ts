/** Record batches that are wrong, or that unpack to far more than they weigh, inside flawless Produce requests. */
import { listOffsetsRequest } from "../../src/protocol/generated/list_offsets_request.ts";
import { produceRequest } from "../../src/protocol/generated/produce_request.ts";
import { compress } from "../../src/records/compress.ts";
import { assembleBatch, Compression, encodeRecords } from "../../src/records/mod.ts";
import { malformedBatches, oddBatches, stricterBatches } from "../support/malformed_batches.ts";
import { MAX_TIMESTAMP, produceInput, type TopicRef } from "../support/requests.ts";
import { requestFrame } from "./frames.ts";

/** What a bomb unpacks to. */
const BOMB_BYTES = 64 * 2 ** 20;
/** How often each bomb is looked into. */
const LOOKS_EACH = 5;

/** A Produce request for each kind of batch that the validator is tested with. Each has to be answered. */
export function* malformedBatchFrames(topic: TopicRef): Generator<Uint8Array> {
  for (const { records, produceVersion } of [...malformedBatches, ...stricterBatches, ...oddBatches]) {
    yield requestFrame(produceRequest, produceVersion, produceInput(topic, records(Date.now())));
  }
}

/** Stores batches of a few kilobytes that unpack to much, and looks for records in them by time. */
export function* bombFrames(topic: TopicRef): Generator<Uint8Array> {
  const nowMs = Date.now();
  const plain = encodeRecords([{ value: new Uint8Array(BOMB_BYTES), timestampMs: nowMs }], nowMs);
  for (const compression of [Compression.GZIP, Compression.ZSTD]) {
    const batch = assembleBatch(compress(compression, plain), {
      recordCount: 1,
      lastOffsetDelta: 0,
      baseTimestampMs: nowMs,
      maxTimestampMs: nowMs,
      compression,
    });
    yield requestFrame(produceRequest, 9, produceInput(topic, batch));
    for (let look = 0; look < LOOKS_EACH; look++) {
      yield requestFrame(listOffsetsRequest, 8, {
        replicaId: -1,
        isolationLevel: 0,
        topics: [{
          name: topic.name,
          partitions: [{ partitionIndex: 0, timestamp: look % 2 === 0 ? nowMs - 1 : MAX_TIMESTAMP }],
        }],
      });
    }
  }
}
