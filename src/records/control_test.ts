import { deepEqual, equal } from "node:assert/strict";
import {
  BatchHeader,
  bodyCrc,
  buildControlBatch,
  type ControlBatchFields,
  type ControlMark,
  EndMarker,
  parseControlBatch,
} from "./mod.ts";
import { buildBatch } from "./compress.ts";

const fields: Omit<ControlBatchFields, "marker"> = {
  coordinatorEpoch: 42,
  producerId: 4000,
  producerEpoch: 3,
  timestampMs: 1_700_000_000_123,
  baseOffset: 123456,
  leaderEpoch: 7,
};

/** The ends of that transaction, as Apache Kafka 4.3.1 writes them. */
const writtenByKafka: readonly (readonly [EndMarker, string])[] = [
  [
    EndMarker.COMMIT,
    "000000000001e240000000420000000702c0f431fb0030000000000000018bcfe5687b0000018bcfe5687b0000000000000fa0" +
    "0003ffffffff000000012000000008000000010c00000000002a00",
  ],
  [
    EndMarker.ABORT,
    "000000000001e24000000042000000070234cae7b30030000000000000018bcfe5687b0000018bcfe5687b0000000000000fa0" +
    "0003ffffffff000000012000000008000000000c00000000002a00",
  ],
];

function parse(batch: Uint8Array): ControlMark | null {
  return parseControlBatch(batch, 0, new BatchHeader().read(batch, 0));
}

for (const [marker, hex] of writtenByKafka) {
  Deno.test(`the end of a transaction is written as Apache Kafka writes it, and read: type ${marker}`, () => {
    equal(buildControlBatch({ marker, ...fields }).toHex(), hex);
    deepEqual(parse(Uint8Array.fromHex(hex)), { marker, coordinatorEpoch: 42 });
  });
}

Deno.test("the end of a transaction has a header that fits it", () => {
  const batch = buildControlBatch({ marker: EndMarker.ABORT, ...fields });
  const header = new BatchHeader().read(batch, 0);
  equal(header.isControl, true);
  equal(header.isTransactional, true);
  equal(header.baseSequence, -1);
  equal(header.crc, bodyCrc(batch, 0, batch.length));
});

Deno.test("what is not the end of a transaction is not taken for one", () => {
  const control = { isControl: true, isTransactional: true };
  const key = Uint8Array.of(0, 0, 0, 1);
  const value = new Uint8Array(6);
  deepEqual(parse(buildBatch([{ key, value }], control)), { marker: EndMarker.COMMIT, coordinatorEpoch: 0 });
  equal(parse(buildBatch([{ key, value }])), null);
  equal(parse(buildBatch([{ key: Uint8Array.of(0, 0, 0, 2), value }], control)), null);
  equal(parse(buildBatch([{ key: Uint8Array.of(0, 0, 0), value }], control)), null);
  equal(parse(buildBatch([{ key, value: new Uint8Array(5) }], control)), null);
  equal(parse(buildBatch([{ key, value: null }], control)), null);
  equal(parse(buildBatch([], control)), null);
});
