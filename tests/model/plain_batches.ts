import assert from "node:assert/strict";
import {
  ATTRIBUTE,
  BatchHeader,
  bodyCrc,
  type Compression,
  EndMarker,
  NO_TIMESTAMP,
  parseControlBatch,
  RecordCursor,
  TimestampType,
} from "../../src/records/mod.ts";
import { ObjectFooter } from "../../src/objects/object_format.ts";
import type { PlainBatch, PlainRecord } from "./compaction_model.ts";

const text = new TextDecoder();
const textOf = (bytes: Uint8Array | null) => bytes === null ? null : text.decode(bytes);

/** All batches of an object's bytes, with everything that a reader can see. */
export function plainBatches(object: Uint8Array, name: string): PlainBatch[] {
  const footer = ObjectFooter.decode(object, object.length, name);
  const batches: PlainBatch[] = [];
  for (let row = 0; row < footer.rows; row++) {
    const at = footer.positionBytes(row);
    const header = new BatchHeader().read(object, at);
    assert.equal(footer.mismatch(row, header), null);
    assert.equal(bodyCrc(object, at, header.lengthBytes), header.crc);
    batches.push(plainBatch(object, at, header));
  }
  return batches;
}

function plainBatch(bytes: Uint8Array, at: number, header: BatchHeader): PlainBatch {
  const hasHorizon = (header.attributes & ATTRIBUTE.deleteHorizon) !== 0;
  const records = recordsOf(bytes, at, header);
  assert.ok(records === null || records.length === header.recordCount);
  if (header.recordCount === 0) assert.equal(header.baseTimestampMs, NO_TIMESTAMP);
  const mark = parseControlBatch(bytes, at, header);
  return {
    baseOffset: header.baseOffset,
    lastOffset: header.lastOffset,
    leaderEpoch: header.leaderEpoch,
    codec: header.compression as Compression,
    isAppendTime: header.timestampType === TimestampType.LOG_APPEND_TIME,
    maxTimestampMs: header.maxTimestampMs,
    producerId: header.producerId,
    producerEpoch: header.producerEpoch,
    baseSequence: header.baseSequence,
    isTransactional: header.isTransactional,
    // What an empty one was, nobody can tell any more.
    control: !header.isControl ? null : mark?.marker === EndMarker.ABORT ? "abort" : "commit",
    horizonMs: hasHorizon ? header.baseTimestampMs : null,
    records,
  };
}

/** `null` when they cannot be decoded. */
function recordsOf(bytes: Uint8Array, at: number, header: BatchHeader): PlainRecord[] | null {
  const cursor = new RecordCursor();
  if (cursor.open(bytes, at, header, 1 << 24) !== null) return null;
  const records: PlainRecord[] = [];
  while (cursor.next()) {
    records.push({
      offset: cursor.offset,
      // Two numbers, of a control record.
      key: header.isControl ? cursor.key()!.toHex() : textOf(cursor.key()),
      value: header.isControl ? cursor.value()!.toHex() : textOf(cursor.value()),
      header: textOf(cursor.headers()[0]?.value ?? null) ?? "",
      timestampMs: cursor.timestampMs,
    });
  }
  return cursor.fault === null ? records : null;
}
