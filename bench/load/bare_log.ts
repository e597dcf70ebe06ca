import { allocate, writeAll } from "./allocated_file.ts";

/** The file has its blocks from the beginning, as a log's segments have; it is begun anew when it is full. */
const FILE_BYTES = 64 * 1024 * 1024;

/** The least that makes bytes durable: what comes while a sync is under way is written and synced with the next. */
export class BareLog {
  readonly #file: Deno.FsFile;
  readonly #gathering: Uint8Array;
  #gathered = 0;
  #position = 0;
  /** The commit that takes what gathers. */
  #next: Promise<void> | null = null;
  #last: Promise<void> = Promise.resolve();

  /** `gatheredBytesMax` is the most that comes while a commit is under way. */
  constructor(path: string, gatheredBytesMax: number) {
    this.#file = Deno.openSync(path, { write: true, create: true });
    allocate(this.#file, FILE_BYTES);
    this.#gathering = new Uint8Array(gatheredBytesMax);
  }

  /** Takes bytes that a later {@link commit} makes durable. */
  gather(bytes: Uint8Array): void {
    this.#gathering.set(bytes, this.#gathered);
    this.#gathered += bytes.length;
  }

  /** Resolves once all that was gathered so far is durable. */
  commit(): Promise<void> {
    this.#next ??= this.#last = this.#last.then(() => this.#write());
    return this.#next;
  }

  async #write(): Promise<void> {
    this.#next = null;
    const bytes = this.#gathering.subarray(0, this.#gathered);
    if (this.#position + bytes.length > FILE_BYTES) this.#position = 0;
    this.#file.seekSync(this.#position, Deno.SeekMode.Start);
    writeAll(this.#file, bytes);
    this.#position += bytes.length;
    this.#gathered = 0;
    await this.#file.syncData();
  }
}
