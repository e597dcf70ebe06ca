import { KliteError } from "../../base/klite_error.ts";
import type { Disk } from "../../io/disk.ts";
import type { LogBytes } from "../../log/mod.ts";
import { type FoundSegment, type HeldSegment, SEGMENT_HEADER_BYTES } from "../../wal/mod.ts";

/** A log's files for readers of batches, without the log's writer: each is opened for a read and closed behind it. */
export class SegmentBytes implements LogBytes {
  readonly #disk: Disk;
  readonly #segments: readonly FoundSegment[];

  /** `segments` are those that recovery found, oldest first. */
  constructor(disk: Disk, segments: readonly FoundSegment[]) {
    this.#disk = disk;
    this.#segments = segments;
  }

  view(): null {
    return null;
  }

  async read(lsn: number, into: Uint8Array): Promise<number> {
    const { path, baseLsn, endLsn } = this.#find(lsn);
    const file = this.#disk.open(path);
    try {
      const length = Math.min(into.length, endLsn - lsn);
      return await file.readAt(into.subarray(0, length), SEGMENT_HEADER_BYTES + lsn - baseLsn);
    } finally {
      file.close();
    }
  }

  hold(lsn: number): HeldSegment {
    const { path, baseLsn, endLsn } = this.#find(lsn);
    const positionOf = (each: number) => SEGMENT_HEADER_BYTES + each - baseLsn;
    return { path, baseLsn, endLsn, positionOf, release: () => {} };
  }

  #find(lsn: number): FoundSegment {
    const segment = this.#segments.findLast(({ baseLsn }) => baseLsn <= lsn);
    if (segment !== undefined && lsn < segment.endLsn) return segment;
    throw new KliteError("NOT_FOUND", `the log does not hold LSN ${lsn}`);
  }
}
