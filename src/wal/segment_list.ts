import { KliteError } from "../base/klite_error.ts";
import type { HeldSegment, LsnRange } from "./contract.ts";
import type { Segment } from "./segment.ts";

/** The live segments, oldest first, and reading from them by LSN. */
export class SegmentList {
  readonly #segments: Segment[];
  #bytes: number;

  constructor(segments: Segment[]) {
    this.#segments = segments;
    this.#bytes = segments.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0);
  }

  /** Of their files. */
  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#segments.length;
  }

  get oldest(): Segment | undefined {
    return this.#segments[0];
  }

  get newest(): Segment | undefined {
    return this.#segments.at(-1);
  }

  push(segment: Segment): void {
    this.#segments.push(segment);
    this.#bytes += segment.capacityBytes;
  }

  /** Takes the oldest segment out if it lies below `lsn` and the next is on disk: one at least always is. */
  shiftBelow(lsn: number): Segment | null {
    const [oldest, next] = this.#segments;
    if (oldest === undefined || next === undefined || next.durablePosition === 0) return null;
    if (oldest.endLsn > lsn) return null;
    this.#bytes -= oldest.capacityBytes;
    return this.#segments.shift()!;
  }

  cold(): LsnRange[] {
    return this.#segments.filter(({ image }) => image === null).map(({ baseLsn, endLsn }) => ({
      baseLsn,
      endLsn,
    }));
  }

  hold(lsn: number): HeldSegment {
    const segment = this.#find(lsn);
    if (segment === null) throw freed(lsn);
    const { path, baseLsn, endLsn } = segment;
    const release = () => segment.release();
    segment.hold();
    return { path, baseLsn, endLsn, positionOf: (each) => segment.positionOf(each), release };
  }

  view(lsn: number, length: number): Uint8Array | null {
    const segment = this.#find(lsn);
    if (segment === null || segment.image === null) return null;
    const position = segment.positionOf(lsn);
    if (position < segment.imageStart || position + length > segment.endPosition) return null;
    return segment.image.subarray(position, position + length);
  }

  async read(lsn: number, into: Uint8Array): Promise<number> {
    const segment = this.#find(lsn);
    if (segment === null) {
      if (lsn === this.newest?.endLsn) return 0;
      throw freed(lsn);
    }
    const position = segment.positionOf(lsn);
    const length = Math.min(into.length, segment.endPosition - position);
    if (segment.image !== null && position >= segment.imageStart) {
      into.set(segment.image.subarray(position, position + length));
      return length;
    }
    const file = segment.hold();
    try {
      const got = await file.readAt(into.subarray(0, length), position);
      if (got === length) return length;
    } finally {
      segment.release();
    }
    throw new KliteError(
      "DATA_DAMAGED",
      `${segment.path} ends before byte ${position + length}, which it must hold`,
    );
  }

  /** The segment that holds `lsn`: the last one that begins at or below it. */
  #find(lsn: number): Segment | null {
    let low = 0;
    let high = this.#segments.length - 1;
    if (high >= 0 && this.#segments[high]!.baseLsn <= lsn) low = high;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#segments[middle]!.baseLsn <= lsn) low = middle;
      else high = middle - 1;
    }
    const segment = this.#segments[low];
    return segment !== undefined && lsn >= segment.baseLsn && lsn < segment.endLsn ? segment : null;
  }
}

function freed(lsn: number): KliteError {
  return new KliteError("NOT_FOUND", `the log does not hold LSN ${lsn} any more`);
}
