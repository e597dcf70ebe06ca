/**
 * Enough for a call to be under way while others are handed over: three times the calls of one handle for the
 * processor time, as threads find the next call when they are done, and need not be woken for each.
 */
const HANDLES_MAX = 4;

/** Handles of one file for calls off the event loop. Each has one position, so who uses it has it alone. */
export class HandlePool {
  readonly #open: () => Deno.FsFile;
  readonly #all: Deno.FsFile[] = [];
  readonly #free: Deno.FsFile[] = [];
  readonly #waiting: ((handle: Deno.FsFile) => void)[] = [];
  #isClosed = false;

  constructor(open: () => Deno.FsFile) {
    this.#open = open;
  }

  /** A handle that nobody else uses, once there is one. Throws what opening the first one throws. */
  async take(): Promise<Deno.FsFile> {
    return this.#free.pop() ?? this.#another() ?? await new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** A new handle; `null` when there are others and no more can be had. */
  #another(): Deno.FsFile | null {
    if (this.#all.length === HANDLES_MAX) return null;
    try {
      const handle = this.#open();
      this.#all.push(handle);
      return handle;
    } catch (error) {
      // The process may have no more descriptors: those that there are will do.
      if (this.#all.length > 0) return null;
      throw error;
    }
  }

  giveBack(handle: Deno.FsFile): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next(handle);
    else if (!this.#isClosed) this.#free.push(handle);
  }

  close(): void {
    this.#isClosed = true;
    for (const handle of this.#all) handle.close();
  }
}
