/** The system calls of direct reads and writes, on whatever thread they are wanted. */
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { ALIGNMENT_BYTES, BUFFER_BYTES, OPERATION, type Shared, WORD } from "./direct_protocol.ts";

const WASM_PAGE_BYTES = 65_536;

/** Does what is asked for; waits for the disk as long as that takes. */
export class DirectCalls {
  readonly #shared: Shared;
  /** Aligned as direct writes want it. Nobody writes to it, so it takes no memory. */
  readonly #zeros = new Uint8Array(
    new WebAssembly.Memory({ initial: BUFFER_BYTES / WASM_PAGE_BYTES }).buffer,
  );

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** Does one request and leaves the answer, or the error, where the protocol says. */
  answer(): void {
    this.#shared.words[WORD.errorLength] = 0;
    try {
      this.#run();
    } catch (error) {
      this.#leaveError(error);
    }
  }

  #run(): void {
    const { words, buffer } = this.#shared;
    const { O_RDWR, O_DIRECT, O_DSYNC } = constants;
    const length = words[WORD.length]!;
    switch (words[WORD.operation]) {
      case OPERATION.open:
      case OPERATION.openDurable: {
        const path = new TextDecoder().decode(buffer.slice(0, length));
        const durably = words[WORD.operation] === OPERATION.openDurable ? O_DSYNC : 0;
        words[WORD.handle] = openSync(path, O_RDWR | O_DIRECT | durably);
        break;
      }
      case OPERATION.read:
        words[WORD.length] = this.#read(length);
        break;
      case OPERATION.write:
        this.#write(buffer);
        break;
      case OPERATION.writeZeros:
        this.#write(this.#zeros);
        break;
      case OPERATION.close:
        closeSync(words[WORD.handle]!);
    }
  }

  /** Answers what there was up to the end of the file. */
  #read(length: number): number {
    const { words, buffer } = this.#shared;
    const position = words[WORD.page]! * ALIGNMENT_BYTES;
    let at = 0;
    // What ends elsewhere than at a page is the end of the file, and could not be gone on from.
    while (at < length && at % ALIGNMENT_BYTES === 0) {
      const count = readSync(words[WORD.handle]!, buffer, at, length - at, position + at);
      if (count === 0) break;
      at += count;
    }
    return at;
  }

  #write(bytes: Uint8Array): void {
    const { words } = this.#shared;
    const length = words[WORD.length]!;
    const position = words[WORD.page]! * ALIGNMENT_BYTES;
    for (let at = 0; at < length;) {
      at += writeSync(words[WORD.handle]!, bytes, at, length - at, position + at);
    }
  }

  #leaveError(error: unknown): void {
    const { words, buffer } = this.#shared;
    const code = error instanceof Error && "code" in error ? error.code : "";
    const text = new TextEncoder().encode(`${code}\n${error instanceof Error ? error.message : error}`);
    buffer.set(text);
    words[WORD.errorLength] = text.length;
  }
}
