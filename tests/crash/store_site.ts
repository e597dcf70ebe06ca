import { setTimeout as delay } from "node:timers/promises";
import type { SimRandom } from "../../src/io/sim/random.ts";
import type { BrokerProcessOptions } from "../support/broker_process.ts";
import { CuttingProxy } from "../support/cutting_proxy.ts";
import { S3Server } from "../support/s3_server.ts";
import { batchesOf, objectsOf, storedEnd } from "./bucket_contents.ts";
import type { KeptTopic } from "./kept_topics.ts";

/** Everything happens often, so that what ends a broker or its bucket falls into the middle of it. */
const FLAGS = [
  ...["--wal-max-disk-size=24MiB", "--s3-flush-interval=200ms", "--s3-flush-check-interval=50ms"],
  ...["--s3-target-object-size=128KiB", "--retention-check-interval=200ms"],
  ...["--compaction-check-interval=200ms", "--compaction-min-dirty-objects=1"],
  ...["--lease-duration=10s", "--lease-renew-interval=1s", "--lease-retry-interval=200ms"],
];
const REQUESTS = [/^PUT /, /^GET /, /^DELETE |^POST /, /^PUT .*snapshot/, /^PUT .*lease/];
const PAUSE_MS = 1000;
const TROUBLE_MS = 500;

/** An S3 server, the way to it, and what may befall both. */
export class StoreSite implements AsyncDisposable {
  readonly s3: S3Server;
  readonly #proxy: CuttingProxy;
  readonly #random: SimRandom;
  #isCalm = false;
  #disturbances = 0;

  private constructor(s3: S3Server, random: SimRandom) {
    this.s3 = s3;
    this.#proxy = new CuttingProxy(s3.port);
    this.#random = random;
  }

  static async start(random: SimRandom): Promise<StoreSite> {
    return new StoreSite(await S3Server.start(), random);
  }

  /** What a broker needs to use it. */
  get brokerOptions(): BrokerProcessOptions {
    const endpoint = `--s3-endpoint=http://127.0.0.1:${this.#proxy.port}`;
    return {
      env: this.s3.env,
      flags: [...FLAGS, `--s3-bucket=${this.s3.bucket}`, endpoint, "--cluster-id=crash"],
    };
  }

  /** Stops, pauses and lost answers so far. */
  get disturbances(): number {
    return this.#disturbances + this.#proxy.cutCount;
  }

  /** Makes trouble again and again until {@link calm}; afterwards the server works. */
  async disturb(): Promise<void> {
    this.#isCalm = false;
    while (!this.#isCalm) {
      await delay(this.#random.unit() * PAUSE_MS);
      const kind = this.#random.below(3);
      if (kind === 0) {
        this.#proxy.cutNext(this.#random.pick(REQUESTS));
        continue;
      }
      this.#disturbances++;
      if (kind === 1) {
        this.s3.pause();
        await delay(this.#random.unit() * TROUBLE_MS);
        this.s3.resume();
      } else {
        await this.s3.stop();
        await delay(this.#random.unit() * TROUBLE_MS);
        await this.s3.restart();
      }
    }
  }

  calm(): void {
    this.#isCalm = true;
  }

  /**
   * All that lies there of a topic is sound, and nothing was flushed twice. Where records are deleted that may be: what
   * a crash has left begins before them, and is swept up later.
   */
  async checkObjects({ topic, kept }: KeptTopic): Promise<void> {
    for (const objects of (await objectsOf(this.s3, topic.name)).values()) {
      if (kept === "all") storedEnd(objects);
      for (const { path } of objects) batchesOf(await Deno.readFile(path), path);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy[Symbol.asyncDispose]();
    await this.s3[Symbol.asyncDispose]();
  }
}
