/** A broker inside the test's own process, reached over real TCP. */
import { Broker, type BrokerConfig, type ObjectsProvider } from "../../src/broker/mod.ts";
import { DenoClock } from "../../src/io/deno/clock.ts";
import { DenoDisk } from "../../src/io/deno/disk.ts";
import { DenoFiles } from "../../src/io/deno/files.ts";
import { DenoHttp } from "../../src/io/deno/http.ts";
import { DenoNetwork } from "../../src/io/deno/network.ts";
import { DenoRandom } from "../../src/io/deno/random.ts";
import type { Disk } from "../../src/io/disk.ts";
import type { ObjectStore } from "../../src/io/object_store.ts";
import type { KliteEvent } from "../../src/io/events.ts";
import { simTelemetry } from "../../src/io/sim/telemetry.ts";
import { localObjects } from "./local_objects.ts";
import { COMMON_CONFIG } from "./common_config.ts";
import { WireClient } from "./wire_client.ts";

const MIB = 2 ** 20;

/** What a test's broker is unless the test says otherwise: any free port, and segments so small that logs rotate. */
const TEST_CONFIG: BrokerConfig = {
  ...COMMON_CONFIG,
  listen: { host: "127.0.0.1", port: 0 },
  autoCreateTopics: true,
  walSegmentBytes: MIB,
  tailMemoryBytes: 4 * MIB,
};

/** How to start a test's broker. */
export interface TestBrokerOptions {
  /** What differs from a test broker's config. */
  readonly config?: Partial<BrokerConfig>;
  /** In place of a temporary directory. */
  readonly disk?: Disk;
  /** Where objects go, in place of the data directory; a bucket has to be named in the config for it to be one. */
  readonly store?: ObjectStore;
}

/** A broker of the test's own, and the clients that it handed out. `await using` ends them all. */
export class TestBroker implements AsyncDisposable {
  /** All that it has reported, over restarts. */
  readonly events: KliteEvent[] = [];
  readonly #config: BrokerConfig;
  readonly #disk: Disk;
  /** Removed at the end; `null` when the disk is the test's own. */
  readonly #folder: string | null;
  readonly #clients: WireClient[] = [];
  readonly #objects: ObjectsProvider;
  #broker: Broker | null = null;

  private constructor(config: BrokerConfig, disk: Disk, folder: string | null, objects: ObjectsProvider) {
    this.#config = config;
    this.#disk = disk;
    this.#folder = folder;
    this.#objects = objects;
  }

  static async start({ config, disk, store }: TestBrokerOptions = {}): Promise<TestBroker> {
    const folder = disk === undefined ? await Deno.makeTempDir({ prefix: "klite-test-" }) : null;
    const used = disk ?? new DenoDisk(folder ?? "");
    const world = { disk: used, clock: new DenoClock(), random: new DenoRandom() };
    const objects = localObjects(world, store);
    const broker = new TestBroker({ ...TEST_CONFIG, dataDir: used.root, ...config }, used, folder, objects);
    await broker.start();
    return broker;
  }

  get port(): number {
    return this.running.address.port;
  }

  get running(): Broker {
    if (this.#broker === null) throw new Error("the broker is stopped");
    return this.#broker;
  }

  /** A client of this broker, closed with it at the latest. */
  async connect(): Promise<WireClient> {
    const client = await WireClient.connect(this.port);
    this.#clients.push(client);
    return client;
  }

  /** Opens what `stop` closed, on the same data; `changes` differ from the config for this time. */
  async start(changes: Partial<BrokerConfig> = {}): Promise<void> {
    const io = {
      disk: this.#disk,
      clock: new DenoClock(),
      random: new DenoRandom(),
      network: new DenoNetwork(),
      http: new DenoHttp(),
      files: new DenoFiles(),
      objects: this.#objects,
      telemetry: simTelemetry(),
    };
    this.#broker = await Broker.open({ ...this.#config, ...changes }, io, (event) => this.events.push(event));
  }

  /** Stops in order, as a signal would make it. Its clients are closed. */
  async stop(): Promise<void> {
    const broker = this.#broker;
    this.#broker = null;
    for (const client of this.#clients.splice(0)) await client[Symbol.asyncDispose]();
    await broker?.stop("the test says so");
  }

  /** The same while its clients are connected, as they are when somebody stops it. */
  async stopUnderClients(): Promise<void> {
    const broker = this.running;
    this.#broker = null;
    await broker.stop("the test says so");
  }

  async restart(changes: Partial<BrokerConfig> = {}): Promise<void> {
    await this.stop();
    await this.start(changes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop();
    } finally {
      if (this.#folder !== null) await Deno.remove(this.#folder, { recursive: true });
    }
  }
}
