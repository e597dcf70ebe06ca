/** What lies in a bucket, read from the S3 server's own files and by nothing of the broker's that reads objects. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { batchAt, BatchHeader } from "../../src/records/mod.ts";
import type { S3Server } from "../support/s3_server.ts";

const OBJECT_NAME = /^(\d{20})(?:-(\d{20})-(\d+))?\.obj$/;
const ENTRY_BYTES = 32;
const TRAILER_BYTES = 8;
const MAGIC = 0x4b4c4958;

/** One object, by its name and its footer. */
export interface FoundObject {
  readonly path: string;
  readonly baseOffset: number;
  /** Behind its last record; of one that was written anew, as its name says. */
  readonly endOffset: number;
  readonly generation: number;
  readonly records: number;
  readonly sizeBytes: number;
}

/** The objects of a topic by partition, in the order of their offsets. */
export type FoundPartitions = ReadonlyMap<number, readonly FoundObject[]>;

/** Finds all objects of a topic; throws when the footer of one is not as it must be. */
export async function objectsOf(s3: S3Server, topic: string): Promise<FoundPartitions> {
  const found = new Map<number, FoundObject[]>();
  for (const cluster of await namesIn(s3.bucketFolder)) {
    for (const folder of await namesIn(join(s3.bucketFolder, cluster))) {
      // Behind the name there is a `-` and the 22 characters of an id.
      if (folder.slice(0, -23) !== topic) continue;
      const topicFolder = join(s3.bucketFolder, cluster, folder);
      for (const partition of await namesIn(topicFolder)) {
        found.set(Number(partition), await objectsIn(join(topicFolder, partition)));
      }
    }
  }
  return found;
}

/**
 * Up to where a partition's objects follow each other without a gap, from `fromOffset` on. Throws when two that were
 * flushed hold the same offset: then something was stored twice.
 */
export function storedEnd(objects: readonly FoundObject[], fromOffset = 0): number {
  let flushedEnd = 0;
  let end = fromOffset;
  for (const { path, baseOffset, endOffset, generation } of objects) {
    if (generation === 0) {
      assert.ok(baseOffset >= flushedEnd, `${path} begins below the end of the object before it`);
      flushedEnd = endOffset;
    }
    if (baseOffset <= end) end = Math.max(end, endOffset);
  }
  return end;
}

/** Batches of an object, header by header, held against the entries of its footer. */
export function batchesOf(bytes: Uint8Array, path: string): BatchHeader[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = entryCount(view, path);
  const headers: BatchHeader[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    const entry = bytes.length - TRAILER_BYTES - (count - index) * ENTRY_BYTES;
    const length = batchAt(bytes, at, bytes.length);
    const header = new BatchHeader().read(bytes, at);
    assert.deepEqual(
      [Number(view.getBigInt64(entry)), view.getUint32(entry + 8), view.getUint32(entry + 12)],
      [header.baseOffset, at, length],
      `entry ${index} of ${path}`,
    );
    headers.push(header);
    at += length;
  }
  assert.equal(at + count * ENTRY_BYTES + TRAILER_BYTES, bytes.length, `${path} has nothing else in it`);
  return headers;
}

async function objectsIn(folder: string): Promise<FoundObject[]> {
  const objects: FoundObject[] = [];
  for (const name of await namesIn(folder)) {
    const [, base, end, generation] = OBJECT_NAME.exec(name) ?? [];
    if (base === undefined) continue;
    const path = join(folder, name);
    const footer = await footerOf(path);
    if (footer === null) continue;
    const endOffset = end === undefined ? footer.endOffset : Number(end);
    objects.push({
      ...footer,
      path,
      baseOffset: Number(base),
      endOffset,
      generation: Number(generation ?? 0),
    });
  }
  return objects.toSorted((a, b) => a.baseOffset - b.baseOffset || a.endOffset - b.endOffset);
}

/** What an object's footer says; `null` when the object has just been deleted. */
async function footerOf(
  path: string,
): Promise<{ readonly endOffset: number; readonly records: number; readonly sizeBytes: number } | null> {
  let bytes: Uint8Array;
  let sizeBytes: number;
  try {
    using file = await Deno.open(path);
    sizeBytes = (await file.stat()).size;
    const trailer = await readAt(file, sizeBytes - TRAILER_BYTES, TRAILER_BYTES);
    const count = entryCount(new DataView(trailer.buffer), path);
    bytes = await readAt(file, sizeBytes - TRAILER_BYTES - count * ENTRY_BYTES, count * ENTRY_BYTES);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const view = new DataView(bytes.buffer);
  let records = 0;
  let endOffset = -1;
  for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
    records += view.getInt32(at + 28);
    endOffset = Number(view.getBigInt64(at)) + view.getInt32(at + 16) + 1;
  }
  return { endOffset, records, sizeBytes };
}

function entryCount(view: DataView, path: string): number {
  assert.equal(view.getUint32(view.byteLength - 4), MAGIC, `${path} ends as objects do`);
  return view.getUint32(view.byteLength - TRAILER_BYTES);
}

async function readAt(file: Deno.FsFile, position: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  await file.seek(position, Deno.SeekMode.Start);
  for (let filled = 0; filled < length;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) throw new Error(`a file ends ${length - filled} bytes too early`);
    filled += count;
  }
  return bytes;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name)
      .filter((name) => !name.startsWith("."));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
