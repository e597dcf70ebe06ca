import { DirectCalls } from "./direct_calls.ts";
import { newShared } from "./direct_protocol.ts";
import type { DirectPerformer } from "./direct_requests.ts";

/** Direct reads and writes on the thread that asks for them, which waits: for Workers, whose work that is. */
export class DirectHere implements DirectPerformer {
  readonly shared = newShared();
  readonly #calls = new DirectCalls(this.shared);

  perform(): Promise<void> {
    this.#calls.answer();
    return Promise.resolve();
  }

  end(): void {}
}
