import type { ConfigOwner, ConfigRecord, ConfigsSnapshot } from "./records.ts";
import { type TopicSettings, topicSettings } from "./topic_configs.ts";

type Owner = Exclude<ConfigOwner, "topic">;

/** Names and values of all that is set: a hundred characters for each of as many topics as there can be, and more. */
const HELD_CHARS_MAX = 32 * 2 ** 20;

const NOTHING: ReadonlyMap<string, string> = new Map();

/** What clients have set while the broker runs, of brokers, groups and subscriptions to client metrics. */
export class SetConfigs {
  readonly #byOwner = new Map<Owner, Map<string, Map<string, string>>>();
  #brokerVersion = 0;
  #heldChars = 0;
  #plainSettings: TopicSettings | null = null;

  /** Another number after each change of what topics follow. */
  get brokerVersion(): number {
    return this.#brokerVersion;
  }

  /** Whether `chars` more of names and values may be kept, of topics and all others together. */
  hasRoomFor(chars: number): boolean {
    return this.#heldChars + chars <= HELD_CHARS_MAX;
  }

  /** Takes note that so many more, or fewer, are kept of topics. */
  countOfTopics(chars: number): void {
    this.#heldChars += chars;
  }

  /** What is set of one of them. */
  of(owner: Owner, name: string): ReadonlyMap<string, string> {
    return this.#byOwner.get(owner)?.get(name) ?? NOTHING;
  }

  /** The names of those of which something is set. */
  names(owner: Owner): string[] {
    return Array.from(this.#byOwner.get(owner)?.keys() ?? []);
  }

  /** A broker's config as it was set: for this broker, else for all. */
  readonly brokerValue = (name: string): string | undefined =>
    this.of("broker", "").get(name) ?? this.of("brokers", "").get(name);

  /** The settings of a topic whose own configs these are. Most have none, and share theirs. */
  settingsOf(own: ReadonlyMap<string, string>): TopicSettings {
    if (own.size > 0) return topicSettings(own, this.brokerValue);
    return this.#plainSettings ??= topicSettings(own, this.brokerValue);
  }

  /** Takes a change of anything but a topic. */
  apply(owner: Owner, { name, configs }: ConfigRecord): void {
    let byName = this.#byOwner.get(owner);
    if (byName === undefined) this.#byOwner.set(owner, byName = new Map());
    const values = byName.get(name) ?? new Map<string, string>();
    this.#heldChars -= charsOf(name, values);
    merge(values, configs);
    if (values.size === 0) byName.delete(name);
    else {
      byName.set(name, values);
      this.#heldChars += charsOf(name, values);
    }
    if (owner !== "broker" && owner !== "brokers") return;
    this.#brokerVersion++;
    this.#plainSettings = null;
  }

  snapshot(): ConfigsSnapshot {
    return Array.from(
      this.#byOwner,
      ([of, byName]) =>
        Array.from(byName, ([name, values]) => ({ of, name, configs: Object.fromEntries(values) })),
    ).flat();
  }

  static restore(snapshot: ConfigsSnapshot): SetConfigs {
    const configs = new SetConfigs();
    for (const { of, ...saved } of snapshot) configs.apply(of, { type: "configs_changed", of, ...saved });
    return configs;
  }
}

/** Changes `values` as a record says. */
export function merge(values: Map<string, string>, changes: Readonly<Record<string, string | null>>): void {
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) values.delete(name);
    else values.set(name, value);
  }
}

/** What a resource's configs count for its memory; nobody is counted who has nothing set. */
export function charsOf(name: string, values: ReadonlyMap<string, string>): number {
  if (values.size === 0) return 0;
  let sum = name.length;
  for (const [key, value] of values) sum += key.length + value.length;
  return sum;
}
