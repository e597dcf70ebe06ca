/**
 * A bit stream that is read from its end to its beginning, as zstd's entropy coders write them
 * (RFC 8878, section 4.1): the highest bit set in the last byte marks where it begins.
 */
export class BackwardBits {
  /** Bits left to be read; negative once more were read than there are. */
  left = 0;
  /** The stream's bytes from its first on, and {@link PADDING_BYTES} at least behind its last. */
  words: DataView = NO_WORDS;

  /** Starts on the bytes [start, end) of `input`; false when they lack the mark. */
  open(input: DataView, start: number, end: number): boolean {
    const last = end > start ? input.getUint8(end - 1) : 0;
    if (last === 0) return false;
    this.words = new DataView(input.buffer, input.byteOffset + start);
    this.left = (end - start) * 8 - Math.clz32(last << 24) - 1;
    return true;
  }

  /** Reads up to 31 bits, the first one highest. Beyond the beginning there are zeros. */
  read(count: number): number {
    if (count > 24) {
      const high = this.read(count - 16);
      return high * 0x1_0000 + this.read(16);
    }
    this.left -= count;
    if (this.left < 0) return 0;
    const word = this.words.getInt32(this.left >> 3, true);
    return (word >>> (this.left & 7)) & ((1 << count) - 1);
  }
}

/** What must lie behind the input, so that a whole word can be read wherever a bit is. */
export const PADDING_BYTES = 4;

const NO_WORDS = new DataView(new ArrayBuffer(PADDING_BYTES));
