import { assert } from "../base/assert.ts";
import type { StoredObject } from "../objects/stored_object.ts";

const FIRST_CAPACITY = 4;
// Shared by all empty lists: most partitions never get an object.
const NO_ROWS = new Float64Array(0);

/** Numbers of a row: the fields of a {@link StoredObject} and its seal, in their order there. */
const ROW = 12;
const BASE_OFFSET = 0;
const END_OFFSET = 1;
const GENERATION = 2;
const SIZE_BYTES = 3;
const DATA_BYTES = 4;
const MAX_TIMESTAMP_MS = 6;
const IS_CLEAN = 7;
const DELETE_HORIZON_MS = 8;
/** In the place of a checksum, which is never negative. */
const NO_SEAL = -1;

/** What others may ask of a partition's objects. */
export type StoredObjects = Omit<ObjectList, "push" | "replace" | "dropBelow" | "rows">;

/**
 * The objects of one partition, in the order of their offsets, each beginning where the one before ends: a row of
 * numbers each (96 bytes, nothing before the first). Addressed by number from 0; dropping from the front renumbers.
 */
export class ObjectList {
  #rows = NO_ROWS;
  #count = 0;
  #dataBytes = 0;

  get count(): number {
    return this.#count;
  }

  /** Of all batches. */
  get dataBytes(): number {
    return this.#dataBytes;
  }

  /** Where the first one begins; only when there is one. */
  get baseOffset(): number {
    return this.#field(0, BASE_OFFSET);
  }

  /** Where the last one ends; only when there is one. */
  get endOffset(): number {
    return this.#field(this.#count - 1, END_OFFSET);
  }

  /** Of one object, without making it: for those who look at all of them. */
  endOffsetOf(index: number): number {
    return this.#field(index, END_OFFSET);
  }

  generationOf(index: number): number {
    return this.#field(index, GENERATION);
  }

  sizeBytesOf(index: number): number {
    return this.#field(index, SIZE_BYTES);
  }

  dataBytesOf(index: number): number {
    return this.#field(index, DATA_BYTES);
  }

  maxTimestampMsOf(index: number): number {
    return this.#field(index, MAX_TIMESTAMP_MS);
  }

  isClean(index: number): boolean {
    return this.#field(index, IS_CLEAN) === 1;
  }

  deleteHorizonMsOf(index: number): number {
    return this.#field(index, DELETE_HORIZON_MS);
  }

  at(index: number): StoredObject {
    assert(index >= 0 && index < this.#count, "the object exists");
    const [
      baseOffset = 0,
      endOffset = 0,
      generation = 0,
      sizeBytes = 0,
      dataBytes = 0,
      batchCount = 0,
      maxTimestampMs = 0,
      isClean = 0,
      deleteHorizonMs = 0,
      footerCrc = NO_SEAL,
      fromLeaderEpoch = 0,
      toLeaderEpoch = 0,
    ] = this.#rows.subarray(index * ROW, (index + 1) * ROW);
    return {
      baseOffset,
      endOffset,
      generation,
      sizeBytes,
      dataBytes,
      batchCount,
      maxTimestampMs,
      isClean: isClean === 1,
      deleteHorizonMs,
      ...(footerCrc !== NO_SEAL && { seal: { footerCrc, fromLeaderEpoch, toLeaderEpoch } }),
    };
  }

  *[Symbol.iterator](): Generator<StoredObject> {
    for (let index = 0; index < this.#count; index++) yield this.at(index);
  }

  /** The first object that ends behind `offset`; `count` when there is none. */
  indexOf(offset: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#field(middle, END_OFFSET) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first object from `fromIndex` on with a timestamp of at least `timestampMs`; `count` when there is none. */
  indexOfTimestamp(timestampMs: number, fromIndex: number): number {
    let index = fromIndex;
    while (index < this.#count && this.#field(index, MAX_TIMESTAMP_MS) < timestampMs) index++;
    return index;
  }

  /** Whether one object begins at `fromOffset` and one ends at `toOffset`: then just these can be replaced. */
  hasBounds(fromOffset: number, toOffset: number): boolean {
    if (fromOffset >= toOffset) return false;
    const first = this.indexOf(fromOffset);
    const last = this.indexOf(toOffset - 1);
    return last < this.#count && this.#field(first, BASE_OFFSET) === fromOffset &&
      this.#field(last, END_OFFSET) === toOffset;
  }

  /** Adds the next one. */
  push(object: StoredObject): void {
    assert(object.baseOffset < object.endOffset, "an object stands for one offset at least");
    assert(this.#count === 0 || object.baseOffset === this.endOffset, "objects have no gap between them");
    if ((this.#count + 1) * ROW > this.#rows.length) {
      const rows = new Float64Array(Math.max(FIRST_CAPACITY, this.#count * 2) * ROW);
      rows.set(this.#rows.subarray(0, this.#count * ROW));
      this.#rows = rows;
    }
    this.#rows.set(rowOf(object), this.#count++ * ROW);
    this.#dataBytes += object.dataBytes;
  }

  /** Puts `objects` in the place of those that stand for the same offsets; answers the ones that are no more. */
  replace(fromOffset: number, toOffset: number, objects: readonly StoredObject[]): StoredObject[] {
    assert(this.hasBounds(fromOffset, toOffset), "whole objects are replaced");
    assert(
      objects[0]?.baseOffset === fromOffset && objects.at(-1)?.endOffset === toOffset,
      "objects are replaced by others that stand for the same offsets",
    );
    const from = this.indexOf(fromOffset);
    const to = this.indexOf(toOffset);
    const all = [...this];
    this.#clear();
    for (const object of [...all.slice(0, from), ...objects, ...all.slice(to)]) this.push(object);
    return all.slice(from, to);
  }

  /** Forgets the objects that lie wholly below `offset`; answers them. */
  dropBelow(offset: number): StoredObject[] {
    const dropped = Array.from({ length: this.indexOf(offset) }, (_, index) => this.at(index));
    this.#rows = this.#rows.slice(dropped.length * ROW, this.#count * ROW);
    this.#count -= dropped.length;
    for (const { dataBytes } of dropped) this.#dataBytes -= dataBytes;
    return dropped;
  }

  /** Plain form for snapshots: the rows, one behind the other. */
  rows(): number[] {
    return Array.from(this.#rows.subarray(0, this.#count * ROW));
  }

  static restore(rows: readonly number[]): ObjectList {
    const list = new ObjectList();
    list.#rows = Float64Array.from(rows);
    list.#count = rows.length / ROW;
    for (let index = 0; index < list.#count; index++) list.#dataBytes += list.#field(index, DATA_BYTES);
    return list;
  }

  #clear(): void {
    this.#rows = NO_ROWS;
    this.#count = this.#dataBytes = 0;
  }

  #field(index: number, field: number): number {
    assert(index >= 0 && index < this.#count, "the object exists");
    return this.#rows[index * ROW + field]!;
  }
}

/** A {@link StoredObject} as one row of numbers, as snapshots hold it. */
export function rowOf(object: StoredObject): number[] {
  return [
    object.baseOffset,
    object.endOffset,
    object.generation,
    object.sizeBytes,
    object.dataBytes,
    object.batchCount,
    object.maxTimestampMs,
    object.isClean ? 1 : 0,
    object.deleteHorizonMs,
    object.seal?.footerCrc ?? NO_SEAL,
    object.seal?.fromLeaderEpoch ?? 0,
    object.seal?.toLeaderEpoch ?? 0,
  ];
}
