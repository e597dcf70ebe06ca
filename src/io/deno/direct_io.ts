import { ALIGNMENT_BYTES } from "./direct_protocol.ts";
import { type DirectPerformer, DirectRequests } from "./direct_requests.ts";
import { DirectThread } from "./direct_thread.ts";

/** A process that commits less does without: the thread costs 20 MB, and 100 ms of it when it starts. */
const DIRECT_AFTER_BYTES = 64 * 1024 * 1024;
/** Less is read through the page cache: it may be there, and a read of the disk takes its time. */
const READ_BYTES_MIN = 128 * 1024;

export interface DirectIoOptions {
  /** What the process commits otherwise before it begins. */
  readonly afterBytes?: number;
  /** Gives who does it; a thread of its own when left out. */
  readonly performer?: () => DirectPerformer;
}

/**
 * Reading and writing past the system's page cache (O_DIRECT), on a thread of its own or the one that asks. Against a
 * write and a sync that is one call off the event loop instead of two, and takes no page of memory that the system
 * first has to find and then to clean: on virtual machines that give unused memory back, finding it is most of what a
 * write costs.
 *
 * Not every system and file system allows it. That is found out by trying, for such a write is refused before anything
 * is written.
 */
export class DirectIo {
  readonly #afterBytes: number;
  readonly #newPerformer: () => DirectPerformer;
  #committedBytes = 0;
  #isRefused = Deno.build.os !== "linux";
  #requests: DirectRequests | undefined;
  #isReady = false;
  /** Those who use it, or wait for it. */
  #users = 0;

  constructor(
    { afterBytes = DIRECT_AFTER_BYTES, performer = () => new DirectThread() }: DirectIoOptions = {},
  ) {
    this.#afterBytes = afterBytes;
    this.#newPerformer = performer;
  }

  /** Whether requests are answered. Nobody waits until a thread has started: it takes a tenth of a second. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /**
   * Whether a write may come this way. Only commits count towards the beginning: an idle broker, too, writes a
   * segment of zeros when it starts.
   */
  takesWrite(length: number, position: number, isCommit: boolean): boolean {
    if (this.#isRefused || (length | position) % ALIGNMENT_BYTES !== 0) return false;
    if (isCommit) this.#committedBytes += length;
    return this.#committedBytes >= this.#afterBytes;
  }

  /** Whether a read may. */
  takesRead(length: number): boolean {
    return !this.#isRefused && length >= READ_BYTES_MIN && this.#committedBytes >= this.#afterBytes;
  }

  /** Somebody will use it: it starts if it has not. Resolves once that is done. */
  async join(): Promise<void> {
    this.#users++;
    if (this.#isReady) return;
    const requests = this.#requests ??= new DirectRequests(this.#newPerformer());
    try {
      await requests.hello();
      this.#isReady = this.#requests === requests;
    } catch {
      // Without it nothing comes this way.
      this.#isRefused = true;
    }
  }

  /** Somebody will not use it any more; it ends with the last one. */
  leave(): void {
    if (--this.#users > 0) return;
    void this.#requests?.end();
    this.#requests = undefined;
    this.#isReady = false;
  }

  /** A handle for the file; `undefined` where that is refused. */
  open(path: string, isDurable: boolean): Promise<number | undefined> {
    return this.#unlessRefused((requests) => requests.open(path, isDurable));
  }

  /** Fills `into`; answers the bytes read, short only at the end of the file; `undefined` where that is refused. */
  read(handle: number, into: Uint8Array, position: number): Promise<number | undefined> {
    return this.#unlessRefused((requests) => requests.read(handle, into, position));
  }

  /** Writes all of `bytes`, or as many zeros; false where that is refused. */
  async write(handle: number, bytes: Uint8Array | number, position: number): Promise<boolean> {
    const written = await this.#unlessRefused(async (requests) => {
      if (typeof bytes === "number") await requests.writeZeros(handle, bytes, position);
      else await requests.write(handle, bytes, position);
      return true;
    });
    return written === true;
  }

  close(handle: number): Promise<void> {
    return this.#requests!.close(handle);
  }

  /** All goes the usual way from now on if that is what an error says; any other one is thrown. */
  async #unlessRefused<T>(ask: (requests: DirectRequests) => Promise<T>): Promise<T | undefined> {
    try {
      return await ask(this.#requests!);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EINVAL")) throw error;
      this.#isRefused = true;
      return undefined;
    }
  }
}

/** One file's way past the page cache, open once used. */
export class DirectFile {
  readonly #io: DirectIo;
  readonly #path: string;
  readonly #isDurable: boolean;
  #handle: Promise<number | undefined> | undefined;
  #joined: Promise<void> | undefined;

  /** With `durable`, what is written is durable when the write ends (O_DSYNC). */
  constructor(io: DirectIo, path: string, options: { readonly durable: boolean }) {
    this.#io = io;
    this.#path = path;
    this.#isDurable = options.durable;
  }

  /** Writes all of `bytes`, or as many zeros; or answers false, and it must be done another way. */
  async write(bytes: Uint8Array | number, position: number): Promise<boolean> {
    const length = typeof bytes === "number" ? bytes : bytes.length;
    if (!this.#io.takesWrite(length, position, this.#isDurable)) return false;
    const handle = await this.#open();
    return handle !== undefined && await this.#io.write(handle, bytes, position);
  }

  /** Fills `into`; answers the bytes read, short only at the end of the file; or `undefined`, and it must be done another way. */
  async read(into: Uint8Array, position: number): Promise<number | undefined> {
    if (!this.#io.takesRead(into.length)) return undefined;
    const handle = await this.#open();
    return handle === undefined ? undefined : await this.#io.read(handle, into, position);
  }

  async close(): Promise<void> {
    // If it could not be opened, whoever used it has been told.
    const handle = await this.#handle?.catch(() => undefined);
    if (handle !== undefined) await this.#io.close(handle);
    if (this.#joined === undefined) return;
    await this.#joined;
    this.#io.leave();
  }

  #open(): Promise<number | undefined> {
    this.#joined ??= this.#io.join();
    if (!this.#io.isReady) return Promise.resolve(undefined);
    return this.#handle ??= this.#io.open(this.#path, this.#isDurable);
  }
}
