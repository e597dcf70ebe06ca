/** Requests of every API key and version that are wrong somewhere, all decided by a seed. */
import { readMessages } from "../../codegen/generate.ts";
import type { Field, FieldType, Message, Struct } from "../../codegen/model.ts";
import { includes } from "../../codegen/version_range.ts";
import { ApiKey, type MessageCodec, type Writer } from "../../src/protocol/mod.ts";
import { allMessages } from "../../src/protocol/generated/all_messages.ts";
import { mutate } from "../fuzz/mutate.ts";
import { malformedBatches, oddBatches, stricterBatches } from "../support/malformed_batches.ts";
import type { TopicRef } from "../support/requests.ts";
import { randomMessage, type Value } from "../wire/random_message.ts";
import type { SeededRandom } from "../wire/seeded_random.ts";
import { frameOf, sized } from "./frames.ts";

/** How a request is wrong, if it is. */
export const malformations = ["whole", "truncated", "oversized", "random", "mutated"] as const;
export type Malformation = typeof malformations[number];

/** The last API key of Kafka, and some that nobody has. */
const LAST_KEY = 92;
const NO_KEYS: readonly number[] = [-32768, -1, 93, 94, 255, 1000, 32767];
/** Versions that exist nowhere, tried beside those that do and their neighbours. */
const NO_VERSIONS: readonly number[] = [-32768, -1, 32767];
/** A longest wait for a fetch: long enough to be one. */
const WAIT_MS_MAX = 20;
const SIZE_BYTES = 4;

/** One API at one version. */
export interface Target {
  readonly apiKey: number;
  readonly version: number;
  /** 2 has tagged fields; what klite would expect where the version is unknown. */
  readonly headerVersion: number;
  /** Writes a random instance; `null` where nobody knows what one looks like. */
  readonly writeBody: ((writer: Writer, random: SeededRandom) => void) | null;
}

/** Every API key with every version, each with the neighbours of those that exist. */
export async function allTargets(topic: TopicRef): Promise<Target[]> {
  const messages = (await readMessages("kafka-message-specs")).filter(({ type }) => type === "request");
  const targets: Target[] = [];
  for (const apiKey of [...Array.from({ length: LAST_KEY + 1 }, (_, key) => key), ...NO_KEYS]) {
    const message = messages.find((candidate) => candidate.apiKey === apiKey);
    const codec = allMessages.find((candidate) => candidate.name === message?.name);
    if (message === undefined || codec === undefined) {
      targets.push(...[0, 1].map((version) => ({ apiKey, version, headerVersion: 1, writeBody: null })));
      continue;
    }
    const { min, max } = message.versions;
    const versions = [
      ...NO_VERSIONS,
      ...Array.from({ length: max - min + 3 }, (_, index) => min - 1 + index),
    ];
    for (const version of new Set(versions)) {
      targets.push(targetOf(message, codec as MessageCodec<unknown, Value>, version, topic));
    }
  }
  return targets;
}

function targetOf(
  message: Message,
  codec: MessageCodec<unknown, Value>,
  version: number,
  topic: TopicRef,
): Target {
  const isKnown = includes(message.versions, version);
  // What comes in an unknown version is the body of the nearest known one.
  const bodyVersion = Math.min(Math.max(version, message.versions.min), message.versions.max);
  return {
    apiKey: codec.apiKey,
    version,
    headerVersion: isKnown ? codec.headerVersion(version) : version > bodyVersion ? 2 : 1,
    writeBody: (writer, random) => {
      const value = randomMessage(message, bodyVersion, random);
      if (!random.oneIn(4)) aim(message.root, value, bodyVersion, new Aim(codec.apiKey, topic, random));
      codec.encode(writer, value, bodyVersion);
    },
  };
}

/** The frame of one request to `target`. */
export function malformedRequest(
  target: Target,
  malformation: Malformation,
  random: SeededRandom,
): Uint8Array<ArrayBuffer> {
  const { writeBody } = target;
  const whole = frameOf(target, (writer) => {
    if (writeBody === null || malformation === "random") writer.raw(random.bytes(random.below(400)));
    else writeBody(writer, random);
  });
  const request = whole.subarray(SIZE_BYTES);
  switch (malformation) {
    case "whole":
    case "random":
      return whole;
    case "truncated":
      return sized(request.subarray(0, random.below(request.length)));
    case "oversized": {
      const larger = new Uint8Array(request.length + 1 + random.below(2000));
      larger.set(request);
      return sized(larger);
    }
    case "mutated":
      // The key stays, or most would be for an API that does not exist.
      for (let left = 1 + random.below(4); left > 0; left--) mutate(request.subarray(2), random);
      return whole;
  }
}

/** Values with which a random request gets past the first checks: things that exist. */
class Aim {
  readonly #topic: TopicRef;
  readonly #random: SeededRandom;
  readonly #name: string;

  constructor(apiKey: number, topic: TopicRef, random: SeededRandom) {
    this.#topic = topic;
    this.#random = random;
    // Whoever deletes topics may hit one, but not the one that all others are about.
    this.#name = apiKey === ApiKey.DeleteTopics ? "victim" : topic.name;
  }

  /** A value for a field of this name; `undefined` to leave it as it is. */
  value({ name, type }: Field): unknown {
    const random = this.#random;
    if (type.kind === "primitive" && type.name === "records") return this.#records();
    if (type.kind === "primitive" && type.name === "uuid") {
      return this.#name === this.#topic.name ? this.#topic.topicId : undefined;
    }
    if (type.kind === "array" && type.element.kind === "primitive" && type.element.name === "string") {
      return random.oneIn(2) ? [this.#name] : undefined;
    }
    if (type.kind !== "primitive") return undefined;
    if (type.name === "string") {
      return ["name", "topic", "topicName"].includes(name) && !random.oneIn(4) ? this.#name : undefined;
    }
    if (!["int16", "int32", "int64"].includes(type.name) || type.int64 === "bigint") return undefined;
    switch (name) {
      case "partition":
      case "partitionIndex":
      case "index":
        return random.below(3);
      case "maxWaitMs":
        return random.below(WAIT_MS_MAX);
      case "fetchOffset":
        return random.below(30);
      case "timestamp":
        return random.oneIn(2) ? -1 - random.below(7) : Date.now() - random.below(100_000);
      case "acks":
        return random.pick([-1, 0, 1, 2]);
      case "sessionEpoch":
        return random.pick([-1, 0, 1]);
      case "numPartitions":
      case "count":
        return random.pick([-1, 0, 1, 2, 3, 100, 10_001, 2 ** 31 - 1]);
      case "replicationFactor":
        return random.pick([-1, 1, 3]);
      default:
        return undefined;
    }
  }

  #records(): Uint8Array | null | undefined {
    const random = this.#random;
    if (random.oneIn(3)) return undefined;
    const batch = random.pick(random.oneIn(2) ? malformedBatches : [...oddBatches, ...stricterBatches]);
    return batch.records(Date.now());
  }
}

function aim(struct: Struct, value: Value, version: number, at: Aim): void {
  for (const field of struct.fields) {
    const { name, type } = field;
    const current = value[name];
    if (!includes(field.versions, version) || current === undefined || current === null) continue;
    const better = at.value(field);
    if (better !== undefined && (better !== null || includes(field.nullable, version))) value[name] = better;
    else for (const inner of structsIn(type, current)) aim(inner.struct, inner.value, version, at);
  }
}

function structsIn(type: FieldType, value: unknown): { readonly struct: Struct; readonly value: Value }[] {
  if (type.kind === "struct") return [{ struct: type.struct, value: value as Value }];
  if (type.kind !== "array" || type.element.kind !== "struct") return [];
  const { struct } = type.element;
  return (value as readonly Value[]).map((item) => ({ struct, value: item }));
}
