/** Looks at a group's committed offsets again and again, as a user's monitoring would: with kafkajs' admin client. */
import { type Admin, Kafka, logLevel } from "kafkajs";
import type { CommittedSample } from "./checks.ts";

const PAUSE_MS = 100;

/** Watches until it is told to stop. */
export class OffsetWatcher {
  readonly #admin: Admin;
  readonly #group: string;
  readonly #topic: string;
  readonly #samples: CommittedSample[] = [];
  readonly #running: Promise<void>;
  #stopped = false;
  #failures = 0;

  private constructor(admin: Admin, group: string, topic: string) {
    this.#admin = admin;
    this.#group = group;
    this.#topic = topic;
    this.#running = this.#run();
  }

  static async start(bootstrap: string, group: string, topic: string): Promise<OffsetWatcher> {
    const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 20 };
    const kafka = new Kafka({ clientId: "watcher", brokers: [bootstrap], logLevel: logLevel.NOTHING, retry });
    const admin = kafka.admin();
    await admin.connect();
    return new OffsetWatcher(admin, group, topic);
  }

  /** In the order of looking. */
  get samples(): readonly CommittedSample[] {
    return this.#samples;
  }

  /** How often there was no answer, as happens while a broker is down. */
  get failures(): number {
    return this.#failures;
  }

  /** The committed offsets now, by partition; -1 where there is none. */
  async look(): Promise<number[]> {
    const [found] = await this.#admin.fetchOffsets({ groupId: this.#group, topics: [this.#topic] });
    const offsets: number[] = [];
    for (const { partition, offset } of found?.partitions ?? []) {
      offsets[partition] = Number(offset);
      this.#samples.push({ partition, offset: Number(offset), atMs: Date.now() });
    }
    return offsets;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.#admin.disconnect();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.look();
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        this.#failures++;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
