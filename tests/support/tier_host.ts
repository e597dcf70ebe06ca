/** Brokers with a bucket that tests do not tell apart: in real or simulated time, on whatever store. */
import assert from "node:assert/strict";
import { KliteError } from "../../src/base/klite_error.ts";
import type { Broker, BrokerConfig } from "../../src/broker/mod.ts";
import { DenoDisk } from "../../src/io/deno/disk.ts";
import type { Disk } from "../../src/io/disk.ts";
import type { KliteEvent } from "../../src/io/events.ts";
import type { ObjectStore } from "../../src/io/object_store.ts";
import { SimClock } from "../../src/io/sim/clock.ts";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import { SimMachine } from "./sim_machine.ts";
import { TestBroker } from "./test_broker.ts";
import type { WireClient } from "./wire_client.ts";

const KIB = 1024;

/** Everything soon, so that real time does for it. */
export const EAGER: Partial<BrokerConfig> = {
  s3Bucket: "bucket",
  clusterId: "tier",
  autoCreateTopics: false,
  walSegmentBytes: 64 * KIB,
  tailMemoryBytes: 128 * KIB,
  s3FlushIntervalMs: 50,
  s3FlushCheckIntervalMs: 20,
  s3TargetObjectBytes: 16 * KIB,
  retentionCheckIntervalMs: 50,
  compactionCheckIntervalMs: 50,
  compactionMinDirtyObjects: 1,
  compactionReadRateBytes: 0,
  leaseDurationMs: 1500,
  leaseRenewIntervalMs: 300,
  leaseRetryIntervalMs: 200,
};

/** A cluster with one broker, as tests of the object tier need it. */
export interface TierHost extends AsyncDisposable {
  /** The store, beside the broker. */
  readonly store: ObjectStore;
  readonly running: Broker;
  readonly events: readonly KliteEvent[];
  readonly disk: Disk;
  start(changes?: Partial<BrokerConfig>): Promise<void>;
  /** In order: everything is stored. */
  stop(): Promise<void>;
  /** The broker ends without storing anything more, and its disk is gone. */
  loseDisk(): Promise<void>;
  /** Why a second broker with a disk of its own does not start. */
  refusalOfOther(): Promise<KliteError>;
  connect(): Promise<WireClient>;
  run<T>(work: Promise<T>): Promise<T>;
  pass(ms: number): Promise<void>;
  nowMs(): number;
}

/** Lets time pass until `done`. */
export async function until(host: TierHost, done: () => boolean): Promise<void> {
  for (let turns = 0; !done(); turns++) {
    assert.ok(turns < 1500, "it comes to pass");
    await host.pass(20);
  }
}

export class SimTierHost implements TierHost {
  readonly #clock = new SimClock();
  readonly #random = new SimRandom(11);
  readonly store = new SimObjectStore({ clock: this.#clock, random: this.#random.fork() });
  #machine = this.#newMachine();

  get running(): Broker {
    return this.#machine.running;
  }

  get events(): readonly KliteEvent[] {
    return this.#machine.events;
  }

  get disk(): Disk {
    return this.#machine.disk;
  }

  start(changes: Partial<BrokerConfig> = {}): Promise<void> {
    return this.run(this.#machine.open({ ...EAGER, ...changes }));
  }

  async stop(): Promise<void> {
    await this.run(this.running.stop("the test says so"));
    await this.#machine.crash("kill");
  }

  async loseDisk(): Promise<void> {
    await this.#machine.crash("kill");
    this.#machine = this.#newMachine();
  }

  async refusalOfOther(): Promise<KliteError> {
    const other = this.#newMachine();
    const refusal = await this.run(other.open(EAGER).then(() => null, (error: KliteError) => error));
    await other.crash("kill");
    return refusal ?? assert.fail("it has started");
  }

  connect(): Promise<WireClient> {
    return Promise.resolve(this.#machine.connect());
  }

  run<T>(work: Promise<T>): Promise<T> {
    return this.#clock.run(work);
  }

  pass(ms: number): Promise<void> {
    return this.#clock.advance(ms);
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#machine.crash("kill");
  }

  #newMachine(): SimMachine {
    return new SimMachine({ clock: this.#clock, random: this.#random, bucket: this.store }, () => {});
  }
}

/** A broker's way to a store, that can be cut. */
function cuttable(store: ObjectStore): { readonly store: ObjectStore; cut(): void } {
  let isCut = false;
  const proxy = new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        // The test's own store outlives the broker.
        if (name === "close") return Promise.resolve();
        if (!isCut) return Reflect.apply(member, target, args);
        const error = new KliteError("STORE_UNAVAILABLE", "the way to the store is cut", { retriable: true });
        if (name !== "list") return Promise.reject(error);
        throw error;
      };
    },
  });
  return { store: proxy, cut: () => isCut = true };
}

export class RealTierHost implements TierHost {
  readonly #folders: string[] = [];
  #disk: Disk;
  #way: { readonly store: ObjectStore; cut(): void };
  #broker: TestBroker | null = null;

  /** `store` is the test's to close. */
  constructor(readonly store: ObjectStore) {
    this.#disk = this.#newDisk();
    this.#way = cuttable(store);
  }

  get running(): Broker {
    return this.#test.running;
  }

  get events(): readonly KliteEvent[] {
    return this.#test.events;
  }

  get disk(): Disk {
    return this.#disk;
  }

  async start(changes: Partial<BrokerConfig> = {}): Promise<void> {
    const config = { ...EAGER, ...changes };
    this.#broker = await TestBroker.start({ config, disk: this.#disk, store: this.#way.store });
  }

  async stop(): Promise<void> {
    await this.#test.stop();
  }

  async loseDisk(): Promise<void> {
    this.#way.cut();
    await this.#test.stop();
    this.#disk = this.#newDisk();
    this.#way = cuttable(this.store);
  }

  async refusalOfOther(): Promise<KliteError> {
    try {
      await TestBroker.start({ config: EAGER, disk: this.#newDisk(), store: cuttable(this.store).store });
    } catch (error) {
      if (error instanceof KliteError) return error;
      throw error;
    }
    return assert.fail("it has started");
  }

  connect(): Promise<WireClient> {
    return this.#test.connect();
  }

  run<T>(work: Promise<T>): Promise<T> {
    return work;
  }

  pass(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  nowMs(): number {
    return Date.now();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker?.[Symbol.asyncDispose]();
    for (const folder of this.#folders) await Deno.remove(folder, { recursive: true });
  }

  get #test(): TestBroker {
    assert.ok(this.#broker !== null, "the broker was started");
    return this.#broker;
  }

  #newDisk(): Disk {
    const folder = Deno.makeTempDirSync({ prefix: "klite-tier-" });
    this.#folders.push(folder);
    return new DenoDisk(folder);
  }
}
