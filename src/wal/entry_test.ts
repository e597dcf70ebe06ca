import { equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { crc32c } from "../base/crc32c.ts";
import {
  emptyHeader,
  ENTRY_HEADER_BYTES,
  entryBytes,
  type EntryHeader,
  EntrySeal,
  headerIsPlausible,
  readHeader,
} from "./entry.ts";

const POSITION = 8;

function written(header: EntryHeader, payload: Uint8Array, secret: number) {
  const bytes = new Uint8Array(POSITION + entryBytes(payload.length) + 8).fill(0xaa);
  const data = new DataView(bytes.buffer);
  bytes.set(payload, POSITION + ENTRY_HEADER_BYTES);
  new EntrySeal(crc32c, secret).write(bytes, data, POSITION, header);
  return { bytes, data };
}

const anEntry = fc.record({
  payload: fc.uint8Array({ maxLength: 400 }),
  prefix: fc.nat(255),
  bodyStart: fc.nat(255),
  stream: fc.nat(0xffff_ffff),
  lsn: fc.nat(Number.MAX_SAFE_INTEGER),
  durableLsn: fc.nat(Number.MAX_SAFE_INTEGER),
  run: fc.nat(0xffff_ffff),
  kind: fc.nat(255),
  secret: fc.nat(0xffff_ffff),
}).map(({ payload, prefix, bodyStart, secret, ...rest }) => {
  const prefixBytes = Math.min(prefix, payload.length);
  const start = Math.min(bodyStart, prefixBytes);
  const bodyCrc = crc32c(payload, start, payload.length);
  const header = { ...rest, payloadLength: payload.length, prefixBytes, bodyStart: start, bodyCrc };
  return { header, payload, secret };
});

Deno.test("an entry reads back as it was written, and its sums hold", () => {
  fc.assert(fc.property(anEntry, ({ header, payload, secret }) => {
    const { bytes, data } = written(header, payload, secret);
    const read = emptyHeader();
    readHeader(data, POSITION, read);
    const seal = new EntrySeal(crc32c, secret);
    ok(headerIsPlausible(read));
    ok(seal.headerHolds(bytes, data, POSITION, read.prefixBytes));
    ok(seal.bodyHolds(bytes, POSITION, read));
    equal(JSON.stringify(read), JSON.stringify({ ...emptyHeader(), ...header }));
  }));
});

Deno.test("a flipped bit of the header or the payload breaks a sum", () => {
  fc.assert(fc.property(anEntry, fc.nat(), fc.nat(7), ({ header, payload, secret }, place, bit) => {
    const { bytes, data } = written(header, payload, secret);
    bytes[POSITION + place % (ENTRY_HEADER_BYTES + payload.length)]! ^= 1 << bit;
    const read = emptyHeader();
    readHeader(data, POSITION, read);
    const seal = new EntrySeal(crc32c, secret);
    const holds = headerIsPlausible(read) && read.payloadLength === payload.length &&
      seal.headerHolds(bytes, data, POSITION, read.prefixBytes) && seal.bodyHolds(bytes, POSITION, read);
    ok(!holds);
  }));
});

Deno.test("an entry takes a multiple of eight bytes, the last of them zeros", () => {
  const header = { ...emptyHeader(), payloadLength: 3 };
  const { bytes } = written(header, new Uint8Array([1, 2, 3]), 0);
  equal(entryBytes(3), 48);
  equal(bytes.subarray(POSITION + 43, POSITION + 48).join(), "0,0,0,0,0");
  equal(bytes[POSITION + 48], 0xaa);
});

Deno.test("an entry of another log does not hold", () => {
  const header = { ...emptyHeader(), payloadLength: 8, prefixBytes: 8 };
  const { bytes, data } = written(header, new Uint8Array(8), 1);
  ok(!new EntrySeal(crc32c, 2).headerHolds(bytes, data, POSITION, 8));
});

Deno.test("a new durable LSN is covered by the sum, too", () => {
  const header = { ...emptyHeader(), lsn: 5000, payloadLength: 8, prefixBytes: 8 };
  const { bytes, data } = written(header, new Uint8Array(8), 1);
  const seal = new EntrySeal(crc32c, 1);
  seal.restamp(bytes, data, POSITION, 4096);
  const read = emptyHeader();
  readHeader(data, POSITION, read);
  equal(read.durableLsn, 4096);
  ok(seal.headerHolds(bytes, data, POSITION, 8));
});

Deno.test("the secret of a log shows in any of its entries", () => {
  const header = { ...emptyHeader(), payloadLength: 8, prefixBytes: 8 };
  const { bytes, data } = written(header, new Uint8Array(8), 0xdead_beef);
  equal(new EntrySeal(crc32c, 0).secretOf(bytes, data, POSITION, 8), 0xdead_beef);
});

Deno.test("a prefix or a body outside the payload is refused", () => {
  throws(() => written({ ...emptyHeader(), payloadLength: 4, prefixBytes: 5 }, new Uint8Array(4), 0));
  throws(() => written({ ...emptyHeader(), payloadLength: 4, bodyStart: 1 }, new Uint8Array(4), 0));
});
