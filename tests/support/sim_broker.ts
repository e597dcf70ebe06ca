/** A whole broker in a simulated world, for tests of single moments that real time never repeats. */
import assert from "node:assert/strict";
import { APIS } from "../../src/apis/mod.ts";
import { loadGroups, loadTier } from "../../src/engine/mod.ts";
import { Broker, type BrokerConfig, type Io } from "../../src/broker/mod.ts";
import type { KliteEvent } from "../../src/io/events.ts";
import type { Http } from "../../src/io/http.ts";
import type { ObjectStore } from "../../src/io/object_store.ts";
import { SimClock } from "../../src/io/sim/clock.ts";
import { SimDisk } from "../../src/io/sim/disk.ts";
import { SimFiles } from "../../src/io/sim/files.ts";
import { SimNetwork } from "../../src/io/sim/network.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import type { SimObjectStore } from "../../src/io/sim/object_store.ts";
import { simTelemetry } from "../../src/io/sim/telemetry.ts";
import { loadCompaction } from "../../src/objects/compaction/load.ts";
import { localObjects } from "./local_objects.ts";
import { COMMON_CONFIG } from "./common_config.ts";
import { WireClient } from "./wire_client.ts";

// Loading code takes real time, which is no part of a simulated world.
await Promise.all([
  ...APIS.map((api) => api.load()),
  loadGroups(),
  loadTier(),
  loadCompaction(),
  import("../../src/broker/claim.ts"),
  import("../../src/records/recompress.ts"),
]);

export const ADDRESS = { host: "klite", port: 9092 };
export const SEGMENT_BYTES = 64 * 1024;

/** A small broker's. */
export const SIM_CONFIG: BrokerConfig = {
  ...COMMON_CONFIG,
  listen: ADDRESS,
  autoCreateTopics: false,
  walSegmentBytes: SEGMENT_BYTES,
  tailMemoryBytes: 2 * SEGMENT_BYTES,
};

export const noHttp: Http = {
  serve: () => assert.fail("health is off"),
  get: () => assert.fail("nobody asks"),
  document: () => assert.fail("nobody reads"),
};

/** A broker's whole world; without a store its objects are on the disk. */
export function simIo(
  parts: Pick<Io, "clock" | "disk" | "random" | "network"> & { readonly store: ObjectStore | undefined },
): Io {
  const { store, ...world } = parts;
  const files = new SimFiles(world.clock);
  return { ...world, http: noHttp, files, objects: localObjects(world, store), telemetry: simTelemetry() };
}

export class SimBroker {
  readonly events: KliteEvent[] = [];
  clock = new SimClock();
  readonly random: SimRandom;
  disk: SimDisk;
  #network = new SimNetwork();
  /** Where objects go, in place of the data directory; a bucket has to be named in the config for it to be one. */
  store: SimObjectStore | undefined;
  #broker: Broker | null = null;

  constructor(seed: number) {
    this.random = new SimRandom(seed);
    this.disk = new SimDisk({ clock: this.clock, random: this.random.fork() });
  }

  get running(): Broker {
    assert.ok(this.#broker !== null, "the broker runs");
    return this.#broker;
  }

  /** Begins to start the broker; the test may end that before it is done. */
  async open(config: Partial<BrokerConfig> = {}): Promise<void> {
    const network = this.#network = new SimNetwork({ random: this.random.fork() });
    const { clock, disk, store } = this;
    const io = simIo({ clock, disk, random: this.random.fork(), network, store });
    this.#broker = await Broker.open({ ...SIM_CONFIG, ...config }, io, (event) => this.events.push(event));
  }

  async start(config: Partial<BrokerConfig> = {}): Promise<void> {
    await this.run(this.open(config));
  }

  async stop(): Promise<void> {
    await this.run(this.running.stop("the test says so"));
  }

  /** The process ends as if killed; what the system holds in its cache stays. */
  kill(): void {
    this.#endLife((options) => this.disk.restart(options));
  }

  /** The power goes: what was not synced survives, vanishes or tears. */
  powerCut(): void {
    this.#endLife((options) => this.disk.powerCut(options));
  }

  connect(): WireClient {
    const socket = this.#network.connect(ADDRESS);
    return new WireClient({
      read: (into) => socket.read(into),
      write: (bytes) => socket.write(bytes).then(() => bytes.length),
      close: () => socket.close(),
    });
  }

  /** Lets the world go on until `promise` settles. */
  run<T>(promise: Promise<T>): Promise<T> {
    return this.clock.run(promise);
  }

  /** What an earlier life has begun never goes on: its clock stands still. */
  #endLife(next: (options: { clock: SimClock; random: SimRandom }) => SimDisk): void {
    this.clock = new SimClock(this.clock.monotonicMs());
    this.disk = next({ clock: this.clock, random: this.random.fork() });
    this.#broker = null;
  }
}
