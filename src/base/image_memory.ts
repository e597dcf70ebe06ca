import { assert } from "./assert.ts";
import { KliteError } from "./klite_error.ts";
import { crc32cTables } from "./portable_crc32c.ts";
import { CRC32C_WASM } from "./wasm/crc32c_wasm.ts";

const PAGE_BYTES = 65_536;
/** The first page is the code's own: its tables lie at 0, its work space behind them. */
const CONTENT_AT = PAGE_BYTES;
/** Of 4 GiB the last page is left out, so that no address behind an end wraps around to 0. */
const PAGES_MAX = 65_535;
/** A page of the operating system, so that files are read and written as fast as they can be. */
const ALIGNMENT_BYTES = 4096;

/** The CRC-32C of the memory's bytes from `at` to `end`, going on from `crc`; neither is inverted. */
export type SumInPlace = (crc: number, at: number, end: number) => number;

const memories = new WeakMap<ArrayBufferLike, WebAssembly.Memory>();
const sums = new WeakMap<ArrayBufferLike, SumInPlace>();

/** What sums the bytes of `buffer` where they are, if it belongs to an {@link ImageMemory}. */
export function sumInPlaceOf(buffer: ArrayBufferLike): SumInPlace | undefined {
  return sums.get(buffer) ?? firstSumOf(buffer);
}

/** Compiles when there is something to sum: the compiler takes megabytes that an idle broker does without. */
function firstSumOf(buffer: ArrayBufferLike): SumInPlace | undefined {
  const memory = memories.get(buffer);
  if (memory === undefined) return undefined;
  new Int32Array(buffer).set(crc32cTables());
  const sum = instantiate(memory);
  sums.set(buffer, sum);
  return sum;
}

/**
 * Memory for bytes that `crc32c` sums where they lie, several times as fast as elsewhere.
 *
 * It is WebAssembly's, of a size fixed from the start, so that its views stay valid. What is not
 * used of it takes no memory of the machine.
 */
export class ImageMemory {
  readonly #buffer: ArrayBufferLike;
  #usedBytes = CONTENT_AT;

  /**
   * Reserves `bytes` of address space, or the 4 GiB that WebAssembly can have at most.
   * @throws KliteError BAD_CONFIG when the system does not give that much.
   */
  constructor(bytes: number) {
    const memory = reserve(Math.min(1 + Math.ceil(bytes / PAGE_BYTES), PAGES_MAX));
    this.#buffer = memory.buffer;
    memories.set(this.#buffer, memory);
  }

  /** `bytes` zero bytes, aligned to a page; ordinary memory when what was reserved is used up. */
  allocate(bytes: number): Uint8Array {
    const at = this.#usedBytes;
    if (at + bytes > this.#buffer.byteLength) return new Uint8Array(bytes);
    this.#usedBytes = at + Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    return new Uint8Array(this.#buffer, at, bytes);
  }
}

function reserve(pages: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (cause) {
    throw new KliteError("BAD_CONFIG", `The system does not give ${pages * PAGE_BYTES} bytes of memory.`, {
      cause,
    });
  }
}

/** Compiled once, for all memories. */
let code: WebAssembly.Module | undefined;

function instantiate(memory: WebAssembly.Memory): SumInPlace {
  code ??= new WebAssembly.Module(Uint8Array.fromBase64(CRC32C_WASM));
  const { sum } = new WebAssembly.Instance(code, { klite: { memory } }).exports;
  assert(isSum(sum), "the module exports its sum");
  return sum;
}

function isSum(value: WebAssembly.ExportValue | undefined): value is SumInPlace {
  return typeof value === "function";
}
