type FileSystem = typeof import("node:fs");

/** What direct writes are aligned to, in the file and in memory; it suits every common device. */
const ALIGNMENT_BYTES = 4096;
/** A process that commits less does without: what it takes to begin costs 30 ms and 12 MB. */
const DIRECT_AFTER_BYTES = 16 * 1024 * 1024;

/**
 * Writing past the system's page cache (O_DIRECT), straight from the caller's memory to the device. Against a write
 * and a sync that is one call off the event loop instead of two, no copy, and no page of memory that the system first
 * has to find and then to clean: less than half of the processor time.
 *
 * Not every system, file system and piece of memory allows it. That is found out by trying, for such a write is
 * refused before anything is written.
 */
export class DirectIo {
  readonly #afterBytes: number;
  #writtenBytes = 0;
  #system: FileSystem | undefined;
  #isRefused = false;

  /** `afterBytes` is what the process commits otherwise before it begins. */
  constructor(options: { readonly afterBytes?: number } = {}) {
    this.#afterBytes = options.afterBytes ?? DIRECT_AFTER_BYTES;
  }

  /**
   * What a write of `bytes` to `position` can use; `undefined` when it has to take the usual way. Only commits
   * count towards the beginning: an idle broker, too, writes a segment of zeros when it starts.
   */
  async systemFor(bytes: Uint8Array, position: number, isCommit: boolean): Promise<FileSystem | undefined> {
    if (this.#isRefused || (bytes.byteOffset | bytes.length | position) % ALIGNMENT_BYTES !== 0) {
      return undefined;
    }
    if (this.#system !== undefined) return this.#system;
    if (isCommit) this.#writtenBytes += bytes.length;
    if (this.#writtenBytes < this.#afterBytes) return undefined;
    const system = await import("node:fs");
    if (system.constants.O_DIRECT === undefined || system.constants.O_DSYNC === undefined) this.refused();
    else this.#system = system;
    return this.#system;
  }

  /** The system does not allow it here. */
  refused(): void {
    this.#isRefused = true;
    this.#system = undefined;
  }
}

/** One file's handle for direct writes, opened when first used. */
export class DirectWriter {
  readonly #io: DirectIo;
  readonly #path: string;
  readonly #isDurable: boolean;
  #system: FileSystem | undefined;
  #handle = -1;

  /** With `durable`, what is written is durable when the write ends (O_DSYNC). */
  constructor(io: DirectIo, path: string, options: { readonly durable: boolean }) {
    this.#io = io;
    this.#path = path;
    this.#isDurable = options.durable;
  }

  /** Writes all of `bytes`; or answers false, and it must be done another way. Calls may overlap. */
  async write(bytes: Uint8Array, position: number): Promise<boolean> {
    const system = await this.#io.systemFor(bytes, position, this.#isDurable);
    if (system === undefined) return false;
    try {
      const handle = this.#open(system);
      for (let done = 0; done < bytes.length;) {
        done += await writeSome(system, handle, done === 0 ? bytes : bytes.subarray(done), position + done);
      }
      return true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#io.refused();
      return false;
    }
  }

  close(): void {
    if (this.#handle !== -1) this.#system?.closeSync(this.#handle);
    this.#handle = -1;
  }

  #open(system: FileSystem): number {
    if (this.#handle !== -1) return this.#handle;
    const { O_RDWR, O_DIRECT, O_DSYNC } = system.constants;
    this.#system = system;
    return this.#handle = system.openSync(this.#path, O_RDWR | O_DIRECT | (this.#isDurable ? O_DSYNC : 0));
  }
}

function writeSome(system: FileSystem, handle: number, bytes: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    system.write(handle, bytes, 0, bytes.length, position, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EINVAL";
}
