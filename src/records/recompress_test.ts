import assert from "node:assert/strict";
import { batchAt, BatchHeader, bodyCrc, Compression } from "./batch.ts";
import { buildBatch } from "./compress.ts";
import { RecordCursor } from "./record_cursor.ts";
import { recompressed } from "./recompress.ts";

const MIB = 2 ** 20;

function batchOf(compression: Compression, valueBytes = 300): Uint8Array {
  const records = [0, 1, 2].map((index) => ({
    key: new TextEncoder().encode(`key ${index}`),
    value: new Uint8Array(valueBytes).fill(index),
    timestampMs: 1_700_000_000_000 + index,
  }));
  return buildBatch(records, { compression, producerId: 7, producerEpoch: 1, baseSequence: 3 });
}

function recordsOf(batch: Uint8Array): unknown[] {
  const cursor = new RecordCursor();
  assert.equal(cursor.open(batch, 0, new BatchHeader().read(batch, 0), MIB), null);
  const records = [];
  while (cursor.next()) {
    records.push([cursor.offset, cursor.timestampMs, cursor.key()?.toHex(), cursor.value()?.toHex()]);
  }
  assert.equal(cursor.fault, null);
  return records;
}

Deno.test("a batch that is compressed anew says the same, with another codec, a length and a CRC that fit", () => {
  for (const from of Object.values(Compression)) {
    for (const to of Object.values(Compression)) {
      const batch = batchOf(from);
      const before = new BatchHeader().read(batch, 0);
      const result = recompressed(batch, before, to, { maxBytes: MIB });
      assert.ok(typeof result !== "string");
      const after = new BatchHeader().read(result, 0);
      assert.equal(after.compression, to);
      assert.equal(batchAt(result, 0, result.length), result.length);
      assert.equal(bodyCrc(result, 0, result.length), after.crc);
      assert.deepEqual(recordsOf(result), recordsOf(batch));
      assert.deepEqual(
        [after.producerId, after.producerEpoch, after.baseSequence, after.maxTimestampMs, after.recordCount],
        [
          before.producerId,
          before.producerEpoch,
          before.baseSequence,
          before.maxTimestampMs,
          before.recordCount,
        ],
      );
    }
  }
});

Deno.test("a level changes how small records become, and nothing else", () => {
  const batch = batchOf(Compression.NONE, 50_000);
  for (const codec of [Compression.GZIP, Compression.ZSTD]) {
    const at = (level: number) => {
      const result = recompressed(batch, new BatchHeader().read(batch, 0), codec, { level, maxBytes: MIB });
      assert.ok(typeof result !== "string");
      assert.deepEqual(recordsOf(result), recordsOf(batch));
      return result.length;
    };
    assert.ok(at(9) <= at(1));
  }
});

Deno.test("records that are more than they may be are not compressed anew", () => {
  const batch = batchOf(Compression.ZSTD, MIB);
  assert.equal(
    recompressed(batch, new BatchHeader().read(batch, 0), Compression.GZIP, { maxBytes: MIB }),
    "too large",
  );
});
