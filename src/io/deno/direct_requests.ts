import { ALIGNMENT_BYTES, BUFFER_BYTES, OPERATION, type Shared, WORD } from "./direct_protocol.ts";

/** Who does direct reads and writes: a thread of its own, or the one that asks. */
export interface DirectPerformer {
  readonly shared: Shared;
  /** Does what `shared` asks for; resolves once the answer is there. */
  perform(): Promise<void>;
  /** Nothing is asked any more. */
  end(): void;
}

/** Requests for direct reads and writes, done in their order. */
export class DirectRequests {
  readonly #performer: DirectPerformer;
  readonly #shared: Shared;
  /** Ends when the last request is done. */
  #free: Promise<unknown> = Promise.resolve();

  constructor(performer: DirectPerformer) {
    this.#performer = performer;
    this.#shared = performer.shared;
  }

  /** Resolves once requests are answered. */
  async hello(): Promise<void> {
    await this.#inTurn(OPERATION.hello, () => {});
  }

  /** Opens an existing file; answers its handle. */
  open(path: string, isDurable: boolean): Promise<number> {
    const { words, buffer } = this.#shared;
    const fill = () => {
      const bytes = new TextEncoder().encode(path);
      buffer.set(bytes);
      words[WORD.length] = bytes.length;
    };
    return this.#inTurn(isDurable ? OPERATION.openDurable : OPERATION.open, fill, () => words[WORD.handle]!);
  }

  /** Fills `into` from `position`, which need not be aligned; answers the bytes read, short only at the end of the file. */
  async read(handle: number, into: Uint8Array, position: number): Promise<number> {
    const { words, buffer } = this.#shared;
    for (let done = 0; done < into.length;) {
      const skipped = (position + done) % ALIGNMENT_BYTES;
      const wanted = Math.min(skipped + into.length - done, BUFFER_BYTES);
      const got = await this.#inTurn(OPERATION.read, () => {
        words[WORD.handle] = handle;
        words[WORD.length] = Math.ceil(wanted / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
        words[WORD.page] = (position + done - skipped) / ALIGNMENT_BYTES;
      }, () => {
        const end = Math.min(words[WORD.length]!, wanted);
        if (end > skipped) into.set(buffer.subarray(skipped, end), done);
        return Math.max(end - skipped, 0);
      });
      done += got;
      if (got < wanted - skipped) return done;
    }
    return into.length;
  }

  /** Writes `bytes` as they are when their turn comes. */
  async write(handle: number, bytes: Uint8Array, position: number): Promise<void> {
    const { words, buffer } = this.#shared;
    for (let at = 0; at < bytes.length; at += BUFFER_BYTES) {
      const part = bytes.subarray(at, at + BUFFER_BYTES);
      await this.#inTurn(OPERATION.write, () => {
        buffer.set(part);
        words[WORD.handle] = handle;
        words[WORD.length] = part.length;
        words[WORD.page] = (position + at) / ALIGNMENT_BYTES;
      });
    }
  }

  async writeZeros(handle: number, length: number, position: number): Promise<void> {
    const { words } = this.#shared;
    for (let at = 0; at < length; at += BUFFER_BYTES) {
      await this.#inTurn(OPERATION.writeZeros, () => {
        words[WORD.handle] = handle;
        words[WORD.length] = Math.min(length - at, BUFFER_BYTES);
        words[WORD.page] = (position + at) / ALIGNMENT_BYTES;
      });
    }
  }

  async close(handle: number): Promise<void> {
    await this.#inTurn(OPERATION.close, () => this.#shared.words[WORD.handle] = handle);
  }

  /** Ends whoever does them, once all is done that was asked for. */
  async end(): Promise<void> {
    await this.#inTurn(OPERATION.end, () => {});
    this.#performer.end();
  }

  /** Reads the answer before the next request is filled in. */
  #inTurn(operation: number, fill: () => void, answer: () => number = () => 0): Promise<number> {
    const run = async () => {
      fill();
      this.#shared.words[WORD.operation] = operation;
      await this.#performer.perform();
      this.#throwError();
      return answer();
    };
    const done = this.#free.then(run, run);
    this.#free = done;
    return done;
  }

  #throwError(): void {
    const { words, buffer } = this.#shared;
    const errorLength = words[WORD.errorLength]!;
    if (errorLength === 0) return;
    const text = new TextDecoder().decode(buffer.slice(0, errorLength));
    const at = text.indexOf("\n");
    throw Object.assign(new Error(text.slice(at + 1)), { code: text.slice(0, at) });
  }
}
