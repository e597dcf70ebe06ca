import type { EventSink } from "../../io/events.ts";
import type { Engine } from "../engine.ts";
import { LOW_ROOM_SHARE, type TierSettings } from "../tier_gate.ts";

/** In the midst of a round the log lets go of what is stored no more often: with 10,000 partitions a look takes 30 ms. */
const FREE_INTERVAL_MS = 200;

/**
 * The log's room: when it is low, which records have to become objects for it, and letting go of what has.
 *
 * Low is from three quarters of the bound on; then so much is stored that half of it can be freed. The newest part of
 * what is stored stays in the log as a cache, as much as fits into that half.
 */
export class LogRoom {
  readonly #engine: Engine;
  readonly #events: EventSink;
  readonly #bytesMax: number;
  #wasLow = false;
  #freedMs = -Infinity;

  constructor(engine: Engine, settings: TierSettings, events: EventSink) {
    this.#engine = engine;
    this.#events = events;
    this.#bytesMax = settings.logBytesMax;
  }

  get isLow(): boolean {
    return this.#bytesMax > 0 && this.#engine.wal.liveBytes >= this.#bytesMax * LOW_ROOM_SHARE;
  }

  /** Records below it have to be stored now, for the log's sake. */
  wantedLsn(): number {
    const { wal } = this.#engine;
    if (!this.isLow) return -Infinity;
    if (!this.#wasLow) {
      this.#events({ type: "log_room_low", liveBytes: wal.liveBytes, maxBytes: this.#bytesMax });
    }
    this.#wasLow = true;
    return wal.oldestLsn + wal.liveBytes - this.#bytesMax / 2;
  }

  /** Lets go of what is stored by now, if there is need for it, and it is time. */
  async freeSome(): Promise<void> {
    const nowMs = this.#engine.clock.monotonicMs();
    if (!this.isLow || nowMs - this.#freedMs < FREE_INTERVAL_MS) return;
    this.#freedMs = nowMs;
    await this.#engine.checkpoints.freeLog();
  }

  /** Lets go of what is stored, if there is need for it; takes snapshots for it if it must. */
  async free(): Promise<void> {
    if (!this.isLow) return this.#noteRoom();
    await this.#engine.checkpoints.freeLog();
    if (!this.isLow) return this.#noteRoom();
    const { neededLsn } = this.#engine.logs.oldestLsns(this.#engine.wal.endLsn);
    // Where the oldest segment has records that could not be stored, snapshots would be of no use.
    if (neededLsn < this.#engine.wal.oldestLsn + this.#engine.wal.liveBytes / 2) return;
    await this.#engine.checkpoints.coverLog(Math.min(neededLsn, this.wantedLsn()));
    await this.#engine.checkpoints.freeLog();
    this.#noteRoom();
  }

  troubles(): string[] {
    const { wal, room } = this.#engine;
    if (room.isRefusing) return ["the log is full: produces are refused until something has been stored"];
    return this.#bytesMax > 0 && wal.liveBytes >= this.#bytesMax * 0.9 ? ["the log is nearly full"] : [];
  }

  #noteRoom(): void {
    if (!this.isLow) this.#wasLow = false;
  }
}
