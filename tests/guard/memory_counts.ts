/** Counts what the broker's own code copies and allocates, by standing in for what it does that with. */

export interface MemoryCounts {
  /** Bytes moved by `set`, `slice` and `copyWithin`. */
  copiedBytes: number;
  /** New byte arrays with memory of their own, and how many bytes they have. */
  allocations: number;
  allocatedBytes: number;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Runs `action` and tells what code below `src/` copied and allocated meanwhile; `src/io/` is the world, not ours. */
export async function countMemory(action: () => Promise<void>): Promise<MemoryCounts> {
  const counts: MemoryCounts = { copiedBytes: 0, allocations: 0, allocatedBytes: 0 };
  const prototype: Uint8Array = Object.getPrototypeOf(Uint8Array.prototype);
  const { set, slice, copyWithin } = prototype;
  const Original = globalThis.Uint8Array;
  const traceLimit = Error.stackTraceLimit;
  Error.stackTraceLimit = 3;
  prototype.set = function (this: Bytes, source: ArrayLike<number>, offset?: number) {
    if (isOurs()) counts.copiedBytes += source.length;
    set.call(this, source, offset);
  };
  prototype.slice = function (this: Bytes, start?: number, end?: number) {
    const result = slice.call(this, start, end) as Bytes;
    if (isOurs()) counts.copiedBytes += result.length;
    return result;
  };
  prototype.copyWithin = function (this: Bytes, target: number, start: number, end?: number) {
    if (isOurs()) counts.copiedBytes += (end ?? this.length) - start;
    return copyWithin.call(this, target, start, end) as Bytes;
  };
  globalThis.Uint8Array = new Proxy(Original, {
    construct(target, args, newTarget) {
      if (typeof args[0] === "number" && isOurs()) {
        counts.allocations++;
        counts.allocatedBytes += args[0];
      }
      return Reflect.construct(target, args, newTarget === globalThis.Uint8Array ? target : newTarget);
    },
  });
  try {
    await action();
  } finally {
    globalThis.Uint8Array = Original;
    Object.assign(prototype, { set, slice, copyWithin });
    Error.stackTraceLimit = traceLimit;
  }
  return counts;
}

/** Whether the code that called what calls this is the broker's. */
function isOurs(): boolean {
  const caller = new Error().stack?.split("\n")[3] ?? "";
  return caller.includes("/src/") && !caller.includes("/src/io/");
}
