/**
 * What the clients are given to write and are expected to read back, and the
 * file format in which runner and client programs hand it to each other.
 *
 * A file is a row of frames, all integers big endian:
 *
 *     u32 bytes that follow | i32 partition | i64 offset | i64 timestamp ms
 *     i32 key length | key | i32 value length | value
 *     i32 header count | per header: i32 name length | name (UTF-8) | i32 value length | value
 *
 * A length of -1 stands for null. Files to be written list the records in the
 * order of producing; files that were read list partition after partition, each
 * in the order of its offsets.
 */

/** A record's header. Names may repeat, and their order counts. */
export interface DataHeader {
  readonly name: string;
  readonly value: Uint8Array | null;
}

/** One record at its place in a topic that held nothing before. */
export interface DataRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly DataHeader[];
}

/** Where the timestamp lies in a frame. */
const TIMESTAMP_POSITION = 4 + 4 + 8;

const encoder = new TextEncoder();

/** The frame of one record. */
export function encodeFrame(record: DataRecord): Uint8Array<ArrayBuffer> {
  const names = record.headers.map((header) => encoder.encode(header.name));
  let size = TIMESTAMP_POSITION + 8 + 4 + lengthOf(record.key) + 4 + lengthOf(record.value) + 4;
  record.headers.forEach((header, i) => size += 4 + lengthOf(names[i] ?? null) + 4 + lengthOf(header.value));
  const frame = new Uint8Array(size);
  const view = new DataView(frame.buffer);
  view.setUint32(0, size - 4);
  view.setInt32(4, record.partition);
  view.setBigInt64(8, BigInt(record.offset));
  view.setBigInt64(TIMESTAMP_POSITION, BigInt(record.timestampMs));
  let position = TIMESTAMP_POSITION + 8;
  const put = (bytes: Uint8Array | null) => {
    view.setInt32(position, bytes === null ? -1 : bytes.length);
    if (bytes !== null) frame.set(bytes, position + 4);
    position += 4 + lengthOf(bytes);
  };
  put(record.key);
  put(record.value);
  view.setInt32(position, record.headers.length);
  position += 4;
  record.headers.forEach((header, i) => {
    put(names[i] ?? null);
    put(header.value);
  });
  return frame;
}

/** All records of a file. Throws when it does not end with a whole frame. */
export function decodeFile(file: Uint8Array): DataRecord[] {
  const records: DataRecord[] = [];
  let position = 0;
  while (position < file.length) {
    const view = new DataView(file.buffer, file.byteOffset + position);
    const end = position + 4 + view.getUint32(0);
    if (end > file.length) throw new Error(`the file ends inside the frame at ${position}`);
    records.push(decodeFrame(file.subarray(position, end)));
    position = end;
  }
  return records;
}

/** Sets every timestamp of a file to zero, in place: for topics whose writer cannot choose timestamps. */
export function eraseTimestamps(file: Uint8Array): void {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let position = 0;
  while (position + TIMESTAMP_POSITION + 8 <= file.length) {
    view.setBigInt64(position + TIMESTAMP_POSITION, 0n);
    position += 4 + view.getUint32(position);
  }
}

/** Gives the records the offsets they get when produced in this order to an empty topic. */
export function assignOffsets(records: readonly DataRecord[]): DataRecord[] {
  const next = new Map<number, number>();
  return records.map((record) => {
    const offset = next.get(record.partition) ?? 0;
    next.set(record.partition, offset + 1);
    return { ...record, offset };
  });
}

function decodeFrame(frame: Uint8Array): DataRecord {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  let position = TIMESTAMP_POSITION + 8;
  const take = (): Uint8Array | null => {
    const length = view.getInt32(position);
    const from = position + 4;
    position = from + Math.max(length, 0);
    return length < 0 ? null : frame.subarray(from, position);
  };
  const key = take();
  const value = take();
  const count = view.getInt32(position);
  position += 4;
  const headers = Array.from({ length: count }, () => {
    const name = new TextDecoder().decode(take() ?? new Uint8Array());
    return { name, value: take() };
  });
  return {
    partition: view.getInt32(4),
    offset: Number(view.getBigInt64(8)),
    timestampMs: Number(view.getBigInt64(TIMESTAMP_POSITION)),
    key,
    value,
    headers,
  };
}

function lengthOf(bytes: Uint8Array | null): number {
  return bytes === null ? 0 : bytes.length;
}
