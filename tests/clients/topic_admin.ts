/** Makes the topics of a run, looks at their ends, removes them: through the admin client of kafkajs. */
import { type Admin, Kafka, logLevel } from "kafkajs";
import type { TopicData } from "./client.ts";

/** A connection for administration. */
export class TopicAdmin {
  readonly #admin: Admin;

  private constructor(admin: Admin) {
    this.#admin = admin;
  }

  static async connect(bootstrap: string): Promise<TopicAdmin> {
    const kafka = new Kafka({
      clientId: "klite-compat-admin",
      brokers: [bootstrap],
      logLevel: logLevel.NOTHING,
      retry: { retries: 5 },
    });
    const admin = kafka.admin();
    await admin.connect();
    return new TopicAdmin(admin);
  }

  async create(topics: readonly TopicData[]): Promise<void> {
    await this.#admin.createTopics({
      waitForLeaders: true,
      topics: topics.map(({ name, partitions }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: 1,
      })),
    });
  }

  /** The offset that the next record of each partition will get. */
  async logEnds(topic: TopicData): Promise<number[]> {
    const ends = new Array<number>(topic.partitions).fill(-1);
    for (const { partition, high } of await this.#admin.fetchTopicOffsets(topic.name)) {
      ends[partition] = Number(high);
    }
    return ends;
  }

  async remove(topics: readonly TopicData[]): Promise<void> {
    await this.#admin.deleteTopics({ topics: topics.map(({ name }) => name) });
  }

  async close(): Promise<void> {
    await this.#admin.disconnect();
  }
}
