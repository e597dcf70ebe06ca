import { ALIGNMENT_BYTES, BUFFER_BYTES, newShared, OPERATION, WORD } from "./direct_protocol.ts";

/** The thread of direct writes, as seen by who asks it. Requests are done in their order. */
export class DirectThread {
  readonly #shared = newShared();
  readonly #worker = new Worker(new URL("./direct_worker.ts", import.meta.url), { type: "module" });
  #requestCount = 0;
  /** Ends when the thread is free. */
  #free: Promise<unknown> = Promise.resolve();
  /** Why the thread is no more, if it is not. */
  #death: string | undefined;
  /** Resolves once it answers. */
  readonly started: Promise<unknown>;

  constructor() {
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#died(event.message);
    };
    this.#worker.postMessage(this.#shared.memory);
    this.started = this.#inTurn(OPERATION.hello, () => {});
  }

  /** Opens an existing file; answers its handle. */
  open(path: string, isDurable: boolean): Promise<number> {
    const { words, buffer } = this.#shared;
    return this.#inTurn(isDurable ? OPERATION.openDurable : OPERATION.open, () => {
      const bytes = new TextEncoder().encode(path);
      buffer.set(bytes);
      words[WORD.length] = bytes.length;
    });
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

  /** Ends the thread once it has done what it was asked to. */
  async end(): Promise<void> {
    await this.#inTurn(OPERATION.end, () => {});
    this.#worker.terminate();
  }

  /** Answers the handle that the request was or is about. */
  #inTurn(operation: number, fill: () => void): Promise<number> {
    const run = () => {
      fill();
      return this.#ask(operation);
    };
    const done = this.#free.then(run, run);
    this.#free = done;
    return done;
  }

  async #ask(operation: number): Promise<number> {
    if (this.#death !== undefined) throw new Error(this.#death);
    const { words, buffer } = this.#shared;
    words[WORD.operation] = operation;
    Atomics.store(words, WORD.requests, ++this.#requestCount);
    Atomics.notify(words, WORD.requests);
    await Atomics.waitAsync(words, WORD.answers, this.#requestCount - 1).value;
    const errorLength = words[WORD.errorLength]!;
    if (errorLength === 0) return words[WORD.handle]!;
    if (this.#death !== undefined) throw new Error(this.#death);
    const text = new TextDecoder().decode(buffer.slice(0, errorLength));
    const at = text.indexOf("\n");
    throw Object.assign(new Error(text.slice(at + 1)), { code: text.slice(0, at) });
  }

  /** Whoever waits is told, and whoever asks from now on. */
  #died(reason: string): void {
    const { words } = this.#shared;
    this.#death = `the thread of direct writes has ended: ${reason}`;
    words[WORD.errorLength] = -1;
    Atomics.store(words, WORD.answers, this.#requestCount);
    Atomics.notify(words, WORD.answers);
  }
}
