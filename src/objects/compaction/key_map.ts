import { KeyHash } from "./key_hash.ts";

const HASH_WORDS = 4;
/** 16 bytes of hash, 8 of offset. */
const SLOT_BYTES = 24;
const FIRST_SLOTS = 1024;
/** Each time that it grows it has so many times more slots; meanwhile the old ones are there, too. */
const GROWTH = 4;
/** Beyond it, collisions cost more than the room is worth. */
const MOST_FULL = 0.8;

/**
 * The last offset of each key, by a hash of the key ({@link KeyHash}): 24 bytes a slot, whatever the keys are. Takes
 * as many keys as fit into its memory, then no more.
 */
export class KeyMap {
  readonly #hash: KeyHash;
  readonly #maxSlots: number;
  #slots = 0;
  #hashes = new Int32Array(0);
  /** One more than the offset; 0 where the slot is empty. */
  #offsets = new Float64Array(0);
  #count = 0;

  /** `secret` is 16 random bytes. */
  constructor(options: { readonly maxBytes: number; readonly secret: Uint8Array }) {
    this.#hash = new KeyHash(options.secret);
    this.#maxSlots = Math.floor(options.maxBytes / SLOT_BYTES / (1 + 1 / GROWTH));
    this.#resize(Math.min(this.#maxSlots, FIRST_SLOTS));
  }

  /** How many keys there are. */
  get count(): number {
    return this.#count;
  }

  /** Memory that it takes, in bytes. */
  get sizeBytes(): number {
    return this.#slots * SLOT_BYTES;
  }

  /** Makes room for `count` keys more, as far as the bound lets it, or beyond it; answers whether there is room. */
  reserve(count: number, isBounded: boolean): boolean {
    const neededSlots = Math.ceil((this.#count + count) / MOST_FULL) + 1;
    if (neededSlots <= this.#slots) return true;
    if (isBounded && neededSlots > this.#maxSlots) return false;
    const grown = Math.max(neededSlots, Math.min(this.#maxSlots, this.#slots * GROWTH));
    this.#resize(grown);
    return true;
  }

  /** Notes that the key `bytes[from, end)` has a record at `offset`; there must be room for it. */
  put(bytes: Uint8Array, from: number, end: number, offset: number): void {
    const { words } = this.#hash;
    this.#hash.hash(bytes, from, end);
    const slot = this.#slotOf(words, 0);
    if (this.#offsets[slot] === 0) {
      this.#hashes.set(words, slot * HASH_WORDS);
      this.#count++;
    }
    this.#offsets[slot] = Math.max(this.#offsets[slot]!, offset + 1);
  }

  /** The last offset of the key `bytes[from, end)`; −1 when it is not here. */
  lastOffset(bytes: Uint8Array, from: number, end: number): number {
    if (this.#count === 0) return -1;
    this.#hash.hash(bytes, from, end);
    return this.#offsets[this.#slotOf(this.#hash.words, 0)]! - 1;
  }

  /** The slot that has the hash at `at` of `words`, or the empty one where it belongs. */
  #slotOf(words: Int32Array, at: number): number {
    const hashes = this.#hashes;
    let slot = Math.floor((words[at]! >>> 0) / 0x1_0000_0000 * this.#slots);
    while (this.#offsets[slot] !== 0) {
      const has = slot * HASH_WORDS;
      const isSame = hashes[has] === words[at] && hashes[has + 1] === words[at + 1] &&
        hashes[has + 2] === words[at + 2] && hashes[has + 3] === words[at + 3];
      if (isSame) break;
      if (++slot === this.#slots) slot = 0;
    }
    return slot;
  }

  #resize(slots: number): void {
    const hashes = this.#hashes;
    const offsets = this.#offsets;
    this.#slots = slots;
    this.#hashes = new Int32Array(slots * HASH_WORDS);
    this.#offsets = new Float64Array(slots);
    for (let old = 0; old < offsets.length; old++) {
      if (offsets[old] === 0) continue;
      const slot = this.#slotOf(hashes, old * HASH_WORDS);
      this.#hashes.set(hashes.subarray(old * HASH_WORDS, (old + 1) * HASH_WORDS), slot * HASH_WORDS);
      this.#offsets[slot] = offsets[old]!;
    }
  }
}
