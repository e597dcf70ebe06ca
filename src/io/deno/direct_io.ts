import { ALIGNMENT_BYTES } from "./direct_protocol.ts";
import { DirectThread } from "./direct_thread.ts";

/** A process that commits less does without: the thread costs 20 MB, and 100 ms of it when it starts. */
const DIRECT_AFTER_BYTES = 64 * 1024 * 1024;

/**
 * Writing past the system's page cache (O_DIRECT), on a thread of its own. Against a write and a sync that is one
 * call off the event loop instead of two, and takes no page of memory that the system first has to find and then to
 * clean: on virtual machines that give unused memory back, finding it is most of what a write costs.
 *
 * Not every system and file system allows it. That is found out by trying, for such a write is refused before anything
 * is written.
 */
export class DirectIo {
  readonly #afterBytes: number;
  #committedBytes = 0;
  #isRefused = Deno.build.os !== "linux";
  #thread: DirectThread | undefined;
  /** Those who use the thread, or wait for it. */
  #users = 0;

  /** `afterBytes` is what the process commits otherwise before it begins. */
  constructor(options: { readonly afterBytes?: number } = {}) {
    this.#afterBytes = options.afterBytes ?? DIRECT_AFTER_BYTES;
  }

  /**
   * Whether a write may come this way. Only commits count towards the beginning: an idle broker, too, writes a
   * segment of zeros when it starts.
   */
  takes(length: number, position: number, isCommit: boolean): boolean {
    if (this.#isRefused || (length | position) % ALIGNMENT_BYTES !== 0) return false;
    if (isCommit) this.#committedBytes += length;
    return this.#committedBytes >= this.#afterBytes;
  }

  /** Somebody will use the thread, which starts if it has not; resolves once that is done. */
  async join(): Promise<void> {
    this.#users++;
    this.#thread ??= new DirectThread();
    // Without it nothing comes this way.
    await this.#thread.started.catch(() => this.#isRefused = true);
  }

  /** Somebody will not use it any more; it ends with the last one. */
  leave(): void {
    if (--this.#users > 0) return;
    void this.#thread?.end();
    this.#thread = undefined;
  }

  /** A handle for the file; `undefined` where that is refused. */
  async open(path: string, isDurable: boolean): Promise<number | undefined> {
    try {
      return await this.#thread!.open(path, isDurable);
    } catch (error) {
      this.#checkRefusal(error);
      return undefined;
    }
  }

  /** Writes all of `bytes`, or as many zeros; false where that is refused. */
  async write(handle: number, bytes: Uint8Array | number, position: number): Promise<boolean> {
    try {
      if (typeof bytes === "number") await this.#thread!.writeZeros(handle, bytes, position);
      else await this.#thread!.write(handle, bytes, position);
      return true;
    } catch (error) {
      this.#checkRefusal(error);
      return false;
    }
  }

  close(handle: number): Promise<void> {
    return this.#thread!.close(handle);
  }

  /** Goes on the usual way from now on if that is what the error says; throws any other one. */
  #checkRefusal(error: unknown): void {
    if (!(error instanceof Error && "code" in error && error.code === "EINVAL")) throw error;
    this.#isRefused = true;
  }
}

/** One file's way of direct writes, open once used. */
export class DirectWriter {
  readonly #io: DirectIo;
  readonly #path: string;
  readonly #isDurable: boolean;
  #handle: Promise<number | undefined> | undefined;
  #joined: Promise<void> | undefined;
  #isReady = false;

  /** With `durable`, what is written is durable when the write ends (O_DSYNC). */
  constructor(io: DirectIo, path: string, options: { readonly durable: boolean }) {
    this.#io = io;
    this.#path = path;
    this.#isDurable = options.durable;
  }

  /** Writes all of `bytes`, or as many zeros; or answers false, and it must be done another way. */
  async write(bytes: Uint8Array | number, position: number): Promise<boolean> {
    const length = typeof bytes === "number" ? bytes : bytes.length;
    if (!this.#io.takes(length, position, this.#isDurable)) return false;
    // Nobody waits until the thread has started: it takes a tenth of a second.
    this.#joined ??= this.#io.join().then(() => void (this.#isReady = true));
    if (!this.#isReady) return false;
    const handle = await (this.#handle ??= this.#io.open(this.#path, this.#isDurable));
    return handle !== undefined && await this.#io.write(handle, bytes, position);
  }

  async close(): Promise<void> {
    // If it could not be opened, whoever wrote has been told.
    const handle = await this.#handle?.catch(() => undefined);
    if (handle !== undefined) await this.#io.close(handle);
    if (this.#joined === undefined) return;
    await this.#joined;
    this.#io.leave();
  }
}
