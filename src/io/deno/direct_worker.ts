/// <reference lib="deno.worker" />
/**
 * The thread of direct writes: does one request after the other, and waits for the disk as long as that takes. Deno
 * opens no file past the page cache by itself, and `node:fs`, which does, writes on the thread that asks it to.
 */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { ALIGNMENT_BYTES, BUFFER_BYTES, OPERATION, type Shared, sharedIn, WORD } from "./direct_protocol.ts";

const WASM_PAGE_BYTES = 65_536;
/** Aligned as direct writes want it. Nobody writes to it, so it takes no memory. */
const zeros = new Uint8Array(new WebAssembly.Memory({ initial: BUFFER_BYTES / WASM_PAGE_BYTES }).buffer);

self.onmessage = ({ data }: MessageEvent<SharedArrayBuffer>) => {
  serve(sharedIn(data));
  self.close();
};

function serve(shared: Shared): void {
  const { words } = shared;
  for (let done = 0; words[WORD.operation] !== OPERATION.end; done++) {
    Atomics.wait(words, WORD.requests, done);
    words[WORD.errorLength] = 0;
    try {
      run(shared);
    } catch (error) {
      leaveError(shared, error);
    }
    Atomics.store(words, WORD.answers, done + 1);
    Atomics.notify(words, WORD.answers);
  }
}

function run(shared: Shared): void {
  const { words, buffer } = shared;
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
    case OPERATION.write:
      writeFrom(buffer, shared);
      break;
    case OPERATION.writeZeros:
      writeFrom(zeros, shared);
      break;
    case OPERATION.close:
      closeSync(words[WORD.handle]!);
  }
}

function writeFrom(bytes: Uint8Array, { words }: Shared): void {
  const length = words[WORD.length]!;
  const position = words[WORD.page]! * ALIGNMENT_BYTES;
  for (let at = 0; at < length;) {
    at += writeSync(words[WORD.handle]!, bytes, at, length - at, position + at);
  }
}

function leaveError({ words, buffer }: Shared, error: unknown): void {
  const code = error instanceof Error && "code" in error ? error.code : "";
  const text = new TextEncoder().encode(`${code}\n${error instanceof Error ? error.message : error}`);
  buffer.set(text);
  words[WORD.errorLength] = text.length;
}
