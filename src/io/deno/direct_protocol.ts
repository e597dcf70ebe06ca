/**
 * What whoever does direct reads and writes has in common with who asks for them: a few words, and a page-aligned
 * buffer behind them. There is one request at a time: it is there once `requests` is raised, and done when `answers` has the same
 * value.
 */
export const WORD = {
  requests: 0,
  answers: 1,
  operation: 2,
  /** The file, and the answer to {@link OPERATION.open}. */
  handle: 3,
  /** How many bytes of the buffer count; as an answer to {@link OPERATION.read} how many there were. */
  length: 4,
  /** Where in the file, in units of {@link ALIGNMENT_BYTES}. */
  page: 5,
  /** 0; or how many bytes of the buffer are an error's code, a line feed and its message. */
  errorLength: 6,
} as const;

export const OPERATION = {
  /** Is only answered. */
  hello: 0,
  /** The buffer has the path. */
  open: 1,
  /** The same, and what is written will be durable when the write ends. */
  openDurable: 2,
  write: 3,
  /** The same with zeros, which need not be in the buffer. */
  writeZeros: 4,
  read: 5,
  close: 6,
  /** The thread ends. */
  end: 7,
} as const;

/** What direct writes are aligned to, in the file and in memory; it suits every common device. */
export const ALIGNMENT_BYTES = 4096;
/** The most that one request reads or writes. */
export const BUFFER_BYTES = 1 << 20;

const WASM_PAGE_BYTES = 65_536;
const PAGES = Math.ceil((ALIGNMENT_BYTES + BUFFER_BYTES) / WASM_PAGE_BYTES);

export interface Shared {
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly buffer: Uint8Array<SharedArrayBuffer>;
}

/** New memory: WebAssembly's, for that is aligned to pages. */
export function newShared(): Shared {
  const { buffer } = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
  if (!(buffer instanceof SharedArrayBuffer)) throw new TypeError("shared memory was asked for");
  return sharedIn(buffer);
}

export function sharedIn(memory: SharedArrayBuffer): Shared {
  return {
    memory,
    words: new Int32Array(memory, 0, Object.keys(WORD).length),
    buffer: new Uint8Array(memory, ALIGNMENT_BYTES, BUFFER_BYTES),
  };
}
