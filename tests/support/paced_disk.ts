import { SimClock } from "../../src/io/sim/clock.ts";
import { SimDisk } from "../../src/io/sim/disk.ts";
import { SimRandom } from "../../src/io/sim/random.ts";

const STEP_MS = 1;

/** A simulated disk for a broker that is not: its time goes on with the real one. */
export class PacedDisk implements AsyncDisposable {
  readonly disk: SimDisk;
  readonly #clock = new SimClock();
  readonly #pacing: Promise<void>;
  #stopped = false;
  #paused = false;

  constructor(seed: number) {
    this.disk = new SimDisk({ clock: this.#clock, random: new SimRandom(seed) });
    this.#pacing = this.#pace();
  }

  /** Nothing that takes the disk time comes to an end: syncs, and calls off the event loop. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#pacing;
  }

  async #pace(): Promise<void> {
    let lastMs = performance.now();
    while (!this.#stopped) {
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
      const nowMs = performance.now();
      if (!this.#paused) await this.#clock.advance(nowMs - lastMs);
      lastMs = nowMs;
    }
  }
}
