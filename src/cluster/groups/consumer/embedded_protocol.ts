import { TOPIC_NAME_MAX_LENGTH } from "../../topics/topic_name.ts";
import type { Assignment } from "./assignment.ts";
import type { TopicCatalog } from "./subscriptions.ts";

/**
 * What consumers of the classic protocol say to each other through the group:
 * subscriptions and assignments, in Kafka's ConsumerProtocol, versions 0–3. Names that no topic can have are left out:
 * very long ones are slow to look up.
 */

/** Newest version that is written; newer ones are read as far as they are known. */
const VERSION_MAX = 3;

export interface Subscription {
  readonly version: number;
  readonly topics: readonly string[];
  /** By topic name; empty in version 0. */
  readonly owned: ReadonlyMap<string, readonly number[]>;
  readonly rackId: string | null;
}

export interface EmbeddedAssignment {
  /** By topic name. */
  readonly partitions: ReadonlyMap<string, readonly number[]>;
  readonly hasUserData: boolean;
}

/** A member's subscription; `null` when the bytes are none. */
export function decodeSubscription(bytes: Uint8Array): Subscription | null {
  const reader = new EmbeddedReader(bytes);
  const version = reader.int16();
  const topics = reader.array(() => reader.string()).filter(canBeTopic);
  reader.skipBytes();
  const owned = version >= 1 ? reader.partitions() : new Map<string, number[]>();
  if (version >= 2) reader.int32();
  const rackId = version >= 3 ? reader.nullableString() : null;
  return version < 0 || reader.isBad ? null : { version, topics, owned, rackId };
}

/** A member's assignment; no bytes are an empty one, and `null` is the answer when they are none. */
export function decodeAssignment(bytes: Uint8Array): EmbeddedAssignment | null {
  if (bytes.length === 0) return { partitions: new Map(), hasUserData: false };
  const reader = new EmbeddedReader(bytes);
  const version = reader.int16();
  const partitions = reader.partitions();
  const hasUserData = reader.skipBytes() > 0;
  return version < 0 || reader.isBad ? null : { partitions, hasUserData };
}

/** An assignment for a member whose subscription has this version. */
export function encodeAssignment(
  assignment: Assignment,
  catalog: TopicCatalog,
  subscriptionVersion: number,
): Uint8Array {
  const encoder = new TextEncoder();
  const topics: { readonly name: Uint8Array; readonly partitions: readonly number[] }[] = [];
  let length = 2 + 4 + 4;
  for (const [topicId, partitions] of assignment) {
    const topic = catalog.topicById(topicId);
    if (topic === undefined) continue;
    const name = encoder.encode(topic.name);
    topics.push({ name, partitions });
    length += 2 + name.length + 4 + 4 * partitions.length;
  }
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setInt16(0, Math.min(subscriptionVersion, VERSION_MAX));
  view.setInt32(2, topics.length);
  let at = 6;
  for (const { name, partitions } of topics) {
    view.setInt16(at, name.length);
    bytes.set(name, at + 2);
    at += 2 + name.length;
    view.setInt32(at, partitions.length);
    at += 4;
    for (const partition of partitions) {
      view.setInt32(at, partition);
      at += 4;
    }
  }
  view.setInt32(at, -1);
  return bytes;
}

/** Partitions by topic id, without those of topics that there are not. */
export function toTopicIds(
  byName: ReadonlyMap<string, readonly number[]>,
  catalog: TopicCatalog,
): Assignment {
  const byId = new Map<string, readonly number[]>();
  for (const [name, partitions] of byName) {
    const topic = catalog.topic(name);
    if (topic === undefined) continue;
    const sorted = [...new Set(partitions)].sort((a, b) => a - b);
    if (sorted.length > 0) byId.set(topic.id, sorted);
  }
  return byId;
}

function canBeTopic(name: string): boolean {
  return name.length <= TOPIC_NAME_MAX_LENGTH;
}

/** Reads until something does not fit; from then on everything is empty. */
class EmbeddedReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #decoder = new TextDecoder();
  #at = 0;
  #isBad = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Whether there was less than was announced. */
  get isBad(): boolean {
    return this.#isBad;
  }

  int16(): number {
    return this.#take(2) ? this.#view.getInt16(this.#at - 2) : 0;
  }

  int32(): number {
    return this.#take(4) ? this.#view.getInt32(this.#at - 4) : 0;
  }

  string(): string {
    const text = this.nullableString();
    if (text === null) this.#isBad = true;
    return text ?? "";
  }

  nullableString(): string | null {
    const length = this.int16();
    if (length === -1) return null;
    return this.#take(length) ? this.#decoder.decode(this.#bytes.subarray(this.#at - length, this.#at)) : "";
  }

  /** Passes over bytes that may be null, and answers how many there are. */
  skipBytes(): number {
    const length = this.int32();
    return length > 0 && this.#take(length) ? length : 0;
  }

  array<Item>(item: () => Item): Item[] {
    const items: Item[] = [];
    for (let left = this.int32(); left > 0 && !this.#isBad; left--) items.push(item());
    return items;
  }

  partitions(): Map<string, number[]> {
    const all = this.array(() => [this.string(), this.array(() => this.int32())] as const);
    return new Map(all.filter(([name]) => canBeTopic(name)));
  }

  #take(count: number): boolean {
    if (this.#isBad || count < 0 || this.#at + count > this.#bytes.length) {
      this.#isBad = true;
      return false;
    }
    this.#at += count;
    return true;
  }
}
