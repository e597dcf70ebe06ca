import { deepEqual, equal } from "node:assert/strict";
import { crc32c } from "../base/crc32c.ts";
import {
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  writeSegmentHeader,
} from "./segment_header.ts";

const header: SegmentHeader = {
  live: true,
  baseLsn: 2 ** 45 + 8,
  previousEndLsn: 2 ** 45,
  logId: Uint8Array.from({ length: 16 }, (_, index) => index),
  secret: 0xfedc_ba98,
  run: 0x1234_5678,
  capacityBytes: 1 << 24,
};

function written(value: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES).fill(0xee);
  writeSegmentHeader(bytes, value, crc32c);
  return bytes;
}

Deno.test("a segment's header reads back as it was written", () => {
  deepEqual(readSegmentHeader(written(header), crc32c), { kind: "header", header });
  const spare = { ...header, live: false };
  deepEqual(readSegmentHeader(written(spare), crc32c), { kind: "header", header: spare });
});

Deno.test("a header with any flipped bit is unreadable", () => {
  for (let bit = 0; bit < SEGMENT_HEADER_BYTES * 8; bit++) {
    const bytes = written(header);
    bytes[bit >>> 3]! ^= 1 << (bit & 7);
    equal(readSegmentHeader(bytes, crc32c).kind, "unreadable", `bit ${bit}`);
  }
});

Deno.test("zeros and a piece of a header are unreadable", () => {
  equal(readSegmentHeader(new Uint8Array(SEGMENT_HEADER_BYTES), crc32c).kind, "unreadable");
  equal(readSegmentHeader(written(header).subarray(0, 40), crc32c).kind, "unreadable");
});

Deno.test("a header of another format version is told by its version", () => {
  const bytes = written(header);
  const data = new DataView(bytes.buffer);
  data.setUint16(4, 9, true);
  data.setUint32(60, crc32c(bytes, 0, 60), true);
  deepEqual(readSegmentHeader(bytes, crc32c), { kind: "other_version", version: 9 });
});
