/// <reference lib="deno.worker" />
/**
 * The thread of direct writes: does one request after the other. Deno opens no file past the page cache by itself, and
 * `node:fs`, which does, writes on the thread that asks it to.
 */
import { DirectCalls } from "./direct_calls.ts";
import { OPERATION, type Shared, sharedIn, WORD } from "./direct_protocol.ts";

self.onmessage = ({ data }: MessageEvent<SharedArrayBuffer>) => {
  serve(sharedIn(data));
  self.close();
};

function serve(shared: Shared): void {
  const { words } = shared;
  const calls = new DirectCalls(shared);
  for (let done = 0; words[WORD.operation] !== OPERATION.end; done++) {
    Atomics.wait(words, WORD.requests, done);
    calls.answer();
    Atomics.store(words, WORD.answers, done + 1);
    Atomics.notify(words, WORD.answers);
  }
}
