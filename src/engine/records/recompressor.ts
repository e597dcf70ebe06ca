import { assert } from "../../base/assert.ts";
import type { Clock } from "../../io/clock.ts";
import type { BatchHeader, Compression } from "../../records/mod.ts";

type Recompressed = typeof import("../../records/recompress.ts").recompressed;

/** So long batches are compressed in one go before others have their turn, ms. */
const TURN_MS = 10;
/** Records of one batch, plain: a fraction of a second of the loop in the worst case. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Compresses batches anew where a topic's `compression.type` wants it: on the loop, which keeps batches in order, but
 * in turns, so that nobody waits for long. What it takes is loaded when it is first asked for.
 */
export class Recompressor {
  readonly maxBytes = MAX_BYTES;
  readonly #clock: Clock;
  #recompressed: Recompressed | null = null;
  #waiting: Promise<void> | null = null;
  #turnEndsMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether {@link run} may be called now; if not, {@link waiting} tells when. */
  get isReady(): boolean {
    if (this.#waiting !== null) return false;
    if (this.#recompressed === null) this.#waiting = this.#load();
    else if (this.#turnEndsMs > 0 && this.#clock.monotonicMs() >= this.#turnEndsMs) {
      this.#waiting = this.#pause();
    }
    return this.#waiting === null;
  }

  /** What it is not ready for; `null` when it is. */
  waiting(): Promise<void> | null {
    return this.#waiting;
  }

  /** The batch that the validator has accepted, with records compressed as `codec` asks. */
  run(batch: Uint8Array, header: BatchHeader, codec: Compression, level: number): Uint8Array {
    assert(this.#recompressed !== null, "it is ready");
    if (this.#turnEndsMs === 0) this.#beginTurn();
    const result = this.#recompressed(batch, header, codec, {
      maxBytes: MAX_BYTES,
      ...(level !== 0 && { level }),
    });
    assert(typeof result !== "string", "a batch whose records were looked at can be decompressed");
    return result;
  }

  /** A turn ends by itself when whatever follows it on the loop has run. */
  #beginTurn(): void {
    this.#turnEndsMs = this.#clock.monotonicMs() + TURN_MS;
    this.#clock.setTimer(0, () => {
      this.#turnEndsMs = 0;
    });
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.setTimer(0, () => {
        this.#waiting = null;
        resolve();
      });
    });
  }

  async #load(): Promise<void> {
    const { recompressed } = await import("../../records/recompress.ts");
    this.#recompressed = recompressed;
    this.#waiting = null;
  }
}
