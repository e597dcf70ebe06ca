/** A machine that a broker runs on, with a clock and a store that others share: for worlds with more than one. */
import assert from "node:assert/strict";
import { KliteError } from "../../src/base/klite_error.ts";
import { Broker, type BrokerConfig } from "../../src/broker/mod.ts";
import type { Clock, Timer } from "../../src/io/clock.ts";
import type { KliteEvent } from "../../src/io/events.ts";
import type { SimClock } from "../../src/io/sim/clock.ts";
import { SimDisk } from "../../src/io/sim/disk.ts";
import { SimNetwork } from "../../src/io/sim/network.ts";
import { SimObjectStore, type StoreMoment } from "../../src/io/sim/object_store.ts";
import type { SimRandom } from "../../src/io/sim/random.ts";
import { ADDRESS, SIM_CONFIG, simIo } from "./sim_broker.ts";
import { WireClient } from "./wire_client.ts";

/** The world's clock as one life of a broker has it: it stops with that. */
class LifeClock implements Clock {
  isOver = false;

  constructor(readonly world: SimClock) {}

  nowMs(): number {
    return this.world.nowMs();
  }

  monotonicMs(): number {
    return this.world.monotonicMs();
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    return this.world.setTimer(delayMs, () => {
      if (!this.isOver) callback();
    });
  }
}

/** What several machines have in common. */
export interface SimSite {
  readonly clock: SimClock;
  readonly random: SimRandom;
  /** Where objects go; `null` for the machine's own disk. */
  readonly bucket: SimObjectStore | null;
}

/** One disk and the broker on it, through its lives. */
export class SimMachine {
  /** Of this life. */
  readonly events: KliteEvent[] = [];
  disk: SimDisk;
  /** The machine's way to the bucket, with faults of its own. */
  store: SimObjectStore | null;
  /** What has ended the broker of this life by itself. */
  failure: unknown = null;
  readonly #site: SimSite;
  readonly #watch: (moment: StoreMoment) => void;
  #network: SimNetwork;
  #life: LifeClock;
  #broker: Broker | null = null;

  constructor(site: SimSite, watch: (moment: StoreMoment) => void) {
    this.#site = site;
    this.#watch = watch;
    this.disk = new SimDisk(this.#parts());
    this.store = site.bucket === null ? null : new SimObjectStore(this.#storeParts(), site.bucket);
    this.#network = new SimNetwork({ random: site.random.fork() });
    this.#life = new LifeClock(site.clock);
  }

  get running(): Broker {
    assert.ok(this.#broker !== null, "the broker runs");
    return this.#broker;
  }

  get isRunning(): boolean {
    return this.#broker !== null;
  }

  /** Starts the broker; that may be ended before it is done. */
  async open(config: Partial<BrokerConfig>): Promise<void> {
    const { disk } = this;
    const clock = this.#life;
    const random = this.#site.random.fork();
    const network = this.#network = new SimNetwork({ random: this.#site.random.fork() });
    const io = simIo({ clock, disk, random, network, store: this.store ?? undefined });
    const broker = await Broker.open({ ...SIM_CONFIG, ...config }, io, (event) => this.events.push(event));
    this.#broker = broker;
    broker.failed.catch((error) => {
      if (!clock.isOver) this.failure = error;
    });
  }

  /** A connection that ends with this life of the broker. */
  connect(): WireClient {
    const socket = this.#network.connect(ADDRESS);
    const life = this.#life;
    const ended = () => new KliteError("CONNECTION_CLOSED", "the machine is gone");
    return new WireClient({
      async read(into) {
        const count = await socket.read(into);
        if (life.isOver) throw ended();
        return count;
      },
      async write(bytes) {
        if (life.isOver) throw ended();
        await socket.write(bytes);
        return bytes.length;
      },
      close: () => socket.close(),
    });
  }

  /** The process ends as if killed, or the power goes, at a moment at which nothing can go on without an event. */
  async crash(how: "kill" | "powerCut"): Promise<void> {
    await this.#site.clock.settle();
    this.#life.isOver = true;
    this.#life = new LifeClock(this.#site.clock);
    const next = this.#parts();
    this.disk = how === "kill" ? this.disk.restart(next) : this.disk.powerCut(next);
    this.store = this.store?.restart(this.#storeParts()) ?? null;
    this.#broker = null;
    this.failure = null;
    this.events.length = 0;
  }

  #parts() {
    return { clock: this.#site.clock, random: this.#site.random.fork() };
  }

  #storeParts() {
    return { ...this.#parts(), watch: this.#watch };
  }
}
