import { type TopicSettings, topicSettings } from "../configs/topic_configs.ts";

/** One partition's place in the cluster. Its bytes live in the log room, found by `stream`. */
export interface Partition {
  readonly topic: Topic;
  readonly index: number;
  /** The number that marks this partition's entries in the write-ahead log. Never used twice. */
  readonly stream: number;
}

/** A topic as the metadata knows it. Only `apply` changes it. */
export class Topic {
  readonly partitions: Partition[] = [];
  readonly configs: Map<string, string>;
  #settings: TopicSettings;

  constructor(readonly name: string, readonly id: string, configs: Readonly<Record<string, string>>) {
    this.configs = new Map(Object.entries(configs));
    this.#settings = topicSettings(this.configs);
  }

  get settings(): TopicSettings {
    return this.#settings;
  }

  /** Topics that Kafka keeps for itself. */
  get isInternal(): boolean {
    return this.name === "__consumer_offsets" || this.name === "__transaction_state" ||
      this.name === "__share_group_state";
  }

  addPartitions(firstStream: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.partitions.push({ topic: this, index: this.partitions.length, stream: firstStream + i });
    }
  }
}
