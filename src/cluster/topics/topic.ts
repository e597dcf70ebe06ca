import { charsOf, merge, SetConfigs } from "../configs/set_configs.ts";
import type { TopicSettings } from "../configs/topic_configs.ts";

/** One partition's place in the cluster. Its bytes live in the log room, found by `stream`. */
export interface Partition {
  readonly topic: Topic;
  readonly index: number;
  /** The number that marks this partition's entries in the write-ahead log. Never used twice. */
  readonly stream: number;
}

/** Of topics that follow no broker. */
const NO_BROKER = new SetConfigs();

/** A topic as the metadata knows it. Only `apply` changes it. */
export class Topic {
  readonly partitions: Partition[] = [];
  readonly #configs: Map<string, string>;
  readonly #broker: SetConfigs;
  #settings: TopicSettings;
  /** The broker's configs that the settings were made of. */
  #brokerVersion: number;

  /** What its own configs leave open is as `broker` has it. */
  constructor(
    readonly name: string,
    readonly id: string,
    configs: Readonly<Record<string, string>>,
    broker: SetConfigs = NO_BROKER,
  ) {
    this.#configs = new Map(Object.entries(configs));
    this.#broker = broker;
    this.#settings = broker.settingsOf(this.#configs);
    this.#brokerVersion = broker.brokerVersion;
  }

  /** What its configs count for all configs' memory. */
  get configChars(): number {
    return charsOf(this.name, this.#configs);
  }

  /** What was set of this topic itself. */
  get configs(): ReadonlyMap<string, string> {
    return this.#configs;
  }

  get settings(): TopicSettings {
    if (this.#brokerVersion !== this.#broker.brokerVersion) this.#settle();
    return this.#settings;
  }

  changeConfigs(changes: Readonly<Record<string, string | null>>): void {
    merge(this.#configs, changes);
    this.#settle();
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

  #settle(): void {
    this.#settings = this.#broker.settingsOf(this.#configs);
    this.#brokerVersion = this.#broker.brokerVersion;
  }
}
