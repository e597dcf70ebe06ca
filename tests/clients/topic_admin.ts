/** Makes the topics of a run, looks at their ends, removes them: through the admin client of kafkajs. */
import { type Admin, Kafka, logLevel } from "kafkajs";

/** A topic to be made. */
export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
}

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

  /** Makes the topics and waits until the broker knows them all: in Kafka that comes a moment later. */
  async create(topics: readonly NewTopic[]): Promise<void> {
    await this.#admin.createTopics({
      waitForLeaders: false,
      topics: topics.map(({ name, partitions }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: 1,
      })),
    });
    while (!(await this.#areKnown(topics.map(({ name }) => name)))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #areKnown(topics: string[]): Promise<boolean> {
    try {
      const known = await this.#admin.fetchTopicMetadata({ topics });
      return known.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0));
    } catch (error) {
      if (error instanceof Error && error.name === "KafkaJSProtocolError") return false;
      throw error;
    }
  }

  /** The offset that the next record of each partition will get. */
  async logEnds(topic: NewTopic): Promise<number[]> {
    const ends = new Array<number>(topic.partitions).fill(-1);
    for (const { partition, high } of await this.#admin.fetchTopicOffsets(topic.name)) {
      ends[partition] = Number(high);
    }
    return ends;
  }

  async remove(topics: readonly Pick<NewTopic, "name">[]): Promise<void> {
    await this.#admin.deleteTopics({ topics: topics.map(({ name }) => name) });
  }

  async close(): Promise<void> {
    await this.#admin.disconnect();
  }
}
