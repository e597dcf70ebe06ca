import { KliteError } from "../base/klite_error.ts";
import type { Clock } from "../io/clock.ts";
import type { EventSink } from "../io/events.ts";
import type { Files } from "../io/files.ts";

/** However many ask, a file is looked at once in that time. */
const LOOK_INTERVAL_MS = 1000;

/** What a file's bytes say, or what is wrong with them: `problem` follows the path in a sentence. */
export type FileParser<T> = (
  bytes: Uint8Array,
) => T | { readonly problem: string } | Promise<T | { readonly problem: string }>;

/** What it takes to watch a file. */
export interface WatchedFileIo {
  readonly clock: Clock;
  readonly files: Files;
  readonly events: EventSink;
}

/**
 * What a file of the operator's says, as of now: it is read again when it has changed, which is looked for when somebody
 * asks. A file that has become unreadable changes nothing but for an event.
 */
export class WatchedFile<T extends object> {
  readonly #path: string;
  readonly #parse: FileParser<T>;
  readonly #io: WatchedFileIo;
  #value: T;
  /** When the content that counts was written. */
  #changedAtMs: number | null;
  /** When the one was written that could not be used; `undefined`: there is none. */
  #refusedAtMs: number | null | undefined = undefined;
  #lookedAtMs: number;
  #looking: Promise<void> | null = null;

  private constructor(
    path: string,
    parse: FileParser<T>,
    io: WatchedFileIo,
    { value, changedAtMs }: { readonly value: T; readonly changedAtMs: number | null },
  ) {
    this.#path = path;
    this.#parse = parse;
    this.#io = io;
    this.#value = value;
    this.#changedAtMs = changedAtMs;
    this.#lookedAtMs = io.clock.monotonicMs();
  }

  /** @throws KliteError as `Files.read` does, and BAD_CONFIG for a content that makes no sense. */
  static async open<T extends object>(
    path: string,
    parse: FileParser<T>,
    io: WatchedFileIo,
  ): Promise<WatchedFile<T>> {
    const changedAtMs = await io.files.changedAtMs(path);
    return new WatchedFile(path, parse, io, { value: await read(path, parse, io.files), changedAtMs });
  }

  async current(): Promise<T> {
    if (this.#looking === null && this.#io.clock.monotonicMs() - this.#lookedAtMs >= LOOK_INTERVAL_MS) {
      this.#looking = this.#look();
    }
    await this.#looking;
    return this.#value;
  }

  async #look(): Promise<void> {
    const { clock, files, events } = this.#io;
    let changedAtMs: number | null = null;
    try {
      changedAtMs = await files.changedAtMs(this.#path);
      if (changedAtMs === this.#changedAtMs) return;
      this.#value = await read(this.#path, this.#parse, files);
      this.#changedAtMs = changedAtMs;
      this.#refusedAtMs = undefined;
      events({ type: "file_reloaded", path: this.#path });
    } catch (error) {
      // It is tried again each time, and said once.
      if (this.#refusedAtMs !== changedAtMs) events({ type: "file_not_reloaded", path: this.#path, error });
      this.#refusedAtMs = changedAtMs;
    } finally {
      this.#lookedAtMs = clock.monotonicMs();
      this.#looking = null;
    }
  }
}

async function read<T extends object>(
  path: string,
  parse: FileParser<T>,
  files: Files,
): Promise<T> {
  const parsed = await parse(await files.read(path));
  if ("problem" in parsed) throw new KliteError("BAD_CONFIG", `${path} ${parsed.problem}`);
  return parsed;
}
