import { type Admin, Kafka, logLevel } from "kafkajs";

/** Asks what a group has committed. */
export class CommittedOffsets implements AsyncDisposable {
  readonly #admin: Admin;
  readonly #group: string;
  readonly #topic: string;
  #latest: readonly number[] = [];

  private constructor(admin: Admin, group: string, topic: string) {
    this.#admin = admin;
    this.#group = group;
    this.#topic = topic;
  }

  static async of(bootstrap: string, group: string, topic: string): Promise<CommittedOffsets> {
    const kafka = new Kafka({ clientId: "offsets", brokers: [bootstrap], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    return new CommittedOffsets(admin, group, topic);
  }

  /** What the last look has found. */
  get latest(): readonly number[] {
    return this.#latest;
  }

  /** The committed offsets by partition; -1 where there is none. */
  async look(): Promise<readonly number[]> {
    const [found] = await this.#admin.fetchOffsets({ groupId: this.#group, topics: [this.#topic] });
    const offsets: number[] = [];
    for (const { partition, offset } of found?.partitions ?? []) offsets[partition] = Number(offset);
    this.#latest = offsets;
    return offsets;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#admin.disconnect();
  }
}
