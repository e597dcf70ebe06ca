import type { Timer } from "../io/clock.ts";

/** The time for which a connection is kept quiet. */
export class Mute {
  readonly #setTimer: (delayMs: number, callback: () => void) => Timer;
  readonly #ended: () => void;
  #timer: Timer | undefined;
  /** Monotonic. */
  #untilMs = 0;

  /** `ended` is called when it is over. */
  constructor(setTimer: (delayMs: number, callback: () => void) => Timer, ended: () => void) {
    this.#setTimer = setTimer;
    this.#ended = ended;
  }

  get isOn(): boolean {
    return this.#timer !== undefined;
  }

  /** From `nowMs` on for so long, or longer if it is to be longer already. */
  begin(nowMs: number, durationMs: number): void {
    const untilMs = nowMs + durationMs;
    if (untilMs <= this.#untilMs) return;
    this.#untilMs = untilMs;
    this.#timer?.cancel();
    this.#timer = this.#setTimer(durationMs, () => {
      this.#timer = undefined;
      this.#ended();
    });
  }

  /** Ends it without a word. */
  cancel(): void {
    this.#timer?.cancel();
  }
}
