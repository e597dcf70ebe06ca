import type { Clock, Timer } from "../../src/io/clock.ts";
import type { KliteEvent } from "../../src/io/events.ts";
import { SimClock } from "../../src/io/sim/clock.ts";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import { Lease, type LeaseOptions } from "../../src/broker/lease.ts";

export const TIMES = { leaseDurationMs: 15_000, leaseRenewIntervalMs: 5000, leaseRetryIntervalMs: 2000 };

/** The clock of a machine that can be paused, and whose wall clock says what it likes. */
export class OddClock implements Clock {
  wallOffsetMs = 0;
  #isPaused = false;
  #late: (() => void)[] = [];

  constructor(readonly world: SimClock) {}

  nowMs(): number {
    return this.world.nowMs() + this.wallOffsetMs;
  }

  monotonicMs(): number {
    return this.world.monotonicMs();
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    let isCancelled = false;
    const timer = this.world.setTimer(delayMs, () => {
      if (isCancelled) return;
      if (this.#isPaused) this.#late.push(() => isCancelled || callback());
      else callback();
    });
    return { cancel: () => (isCancelled = true, timer.cancel()) };
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    for (const late of this.#late.splice(0)) late();
  }
}

/** Brokers that want the lease of one cluster. */
export class LeaseWorld {
  readonly clock = new SimClock();
  readonly random: SimRandom;
  readonly store: SimObjectStore;
  readonly events: KliteEvent[] = [];

  constructor(seed = 1) {
    this.random = new SimRandom(seed);
    this.store = new SimObjectStore({ clock: this.clock, random: this.random.fork() });
    this.store.faults.slowChance = 0;
  }

  /** What a broker of that holder gives; what it loses the lease by goes to `lost`. */
  options(holder: string, changes: Partial<LeaseOptions> = {}): LeaseOptions & { readonly lost: unknown[] } {
    const lost: unknown[] = [];
    return {
      store: this.store,
      clock: this.clock,
      random: this.random.fork(),
      events: (event) => void this.events.push(event),
      clusterId: "c",
      times: TIMES,
      holder,
      history: null,
      address: `${holder}:9092`,
      wasOurs: false,
      onLost: (error) => void lost.push(error),
      lost,
      ...changes,
    };
  }

  acquire(holder: string, changes: Partial<LeaseOptions> = {}): Promise<Lease> {
    return this.clock.run(Lease.acquire(this.options(holder, changes)));
  }
}
