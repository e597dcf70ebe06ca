import type { SimRandom } from "./random.ts";

/** What a disk writes as a whole or not at all. */
const SECTOR_BYTES = 512;

interface PendingWrite {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** A growing byte array. */
class Content {
  #bytes: Uint8Array;
  lengthBytes: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.lengthBytes = bytes.length;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.lengthBytes);
  }

  copy(): Content {
    return new Content(this.bytes.slice());
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, position);
    this.lengthBytes = Math.max(this.lengthBytes, end);
  }
}

/**
 * One file as the system sees it: what is on the platter, what its cache shows, and the writes
 * between the two.
 */
export class Inode {
  readonly #platter: Content;
  readonly #cache: Content;
  /** Writes that the cache has and the platter may not have, oldest first. */
  #pending: PendingWrite[] = [];
  /** How many of them a sync has taken away from the front, ever. */
  #taken = 0;
  /** Its own in the tree that it belongs to. */
  readonly id: number;
  #modifiedMs: number;

  constructor(id: number, modifiedMs: number, platter = new Uint8Array(0)) {
    this.id = id;
    this.#modifiedMs = modifiedMs;
    this.#platter = new Content(platter);
    this.#cache = this.#platter.copy();
  }

  get sizeBytes(): number {
    return this.#cache.lengthBytes;
  }

  /** When it was last written, ms since the epoch. */
  get modifiedMs(): number {
    return this.#modifiedMs;
  }

  write(bytes: Uint8Array, position: number, nowMs: number): void {
    this.#modifiedMs = nowMs;
    this.#cache.write(bytes, position);
    this.#pending.push({ position, bytes: bytes.slice() });
  }

  read(into: Uint8Array, position: number): number {
    const found = this.#cache.bytes.subarray(position, position + into.length);
    into.set(found);
    return found.length;
  }

  /** A mark behind all writes so far, for {@link sync}. */
  get writtenCount(): number {
    return this.#taken + this.#pending.length;
  }

  /** All writes before the mark reach the platter. */
  sync(mark: number): void {
    const count = Math.max(0, mark - this.#taken);
    for (const { bytes, position } of this.#pending.splice(0, count)) this.#platter.write(bytes, position);
    this.#taken += count;
  }

  /** A failed sync: the cache goes on showing what may have been forgotten for good. */
  forgetSome(random: SimRandom): void {
    const kept = this.#pending.filter(() => random.chance(0.5));
    this.#taken += this.#pending.length - kept.length;
    this.#pending = kept;
  }

  /** Turns one bit, on the platter and in the cache. */
  flipBit(position: number, bit: number): void {
    for (const content of [this.#platter, this.#cache]) {
      if (position < content.lengthBytes) content.bytes[position]! ^= 1 << bit;
    }
  }

  /**
   * What a power cut leaves. Each sector holds what it held at some moment since the last sync:
   * `keep` says whether a write is likely to have reached it.
   */
  afterPowerCut(random: SimRandom, keep: number): Inode {
    const left = this.#platter.copy();
    const reached = new Map<number, number>();
    this.#pending.forEach((write, index) => {
      const whole = random.chance(0.5) ? random.chance(keep) : null;
      const last = Math.floor((write.position + write.bytes.length - 1) / SECTOR_BYTES);
      for (let sector = Math.floor(write.position / SECTOR_BYTES); sector <= last; sector++) {
        if (whole ?? random.chance(keep)) reached.set(sector, index);
      }
    });
    this.#pending.forEach((write, index) => {
      let position = write.position;
      const end = write.position + write.bytes.length;
      while (position < end) {
        const sector = Math.floor(position / SECTOR_BYTES);
        const sectorEnd = Math.min((sector + 1) * SECTOR_BYTES, end);
        if ((reached.get(sector) ?? -1) >= index) {
          left.write(write.bytes.subarray(position - write.position, sectorEnd - write.position), position);
        }
        position = sectorEnd;
      }
    });
    return new Inode(this.id, this.#modifiedMs, left.bytes.slice());
  }
}
