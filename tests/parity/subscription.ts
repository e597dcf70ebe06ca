import { decodeConsumerProtocolAssignment } from "../../src/protocol/generated/consumer_protocol_assignment.ts";
import {
  decodeConsumerProtocolSubscription,
  encodeConsumerProtocolSubscription,
} from "../../src/protocol/generated/consumer_protocol_subscription.ts";
import { Reader, Writer } from "../../src/protocol/mod.ts";

/** What a consumer says about itself when it joins a classic group: topics, and a word for its assignor. */
export interface Subscription {
  readonly topics: readonly string[];
  readonly says: string;
}

const VERSION = 0;

export function encodeSubscription({ topics, says }: Subscription): Uint8Array {
  const writer = new Writer();
  writer.int16(VERSION);
  encodeConsumerProtocolSubscription(writer, { topics, userData: new TextEncoder().encode(says) }, VERSION);
  return writer.bytes().slice();
}

/** `null` when the bytes are nothing of the kind. */
export function decodeSubscription(bytes: Uint8Array): Subscription | null {
  if (bytes.length < 10 || bytes[0] !== 0 || bytes[1] !== VERSION) return null;
  const reader = new Reader().reset(bytes.subarray(2));
  const { topics, userData } = decodeConsumerProtocolSubscription(reader, VERSION);
  return { topics, says: new TextDecoder().decode(userData ?? new Uint8Array()) };
}

/** The partitions that a consumer is to read; `null` when the bytes are nothing of the kind. */
export function decodeAssignment(bytes: Uint8Array): Readonly<Record<string, readonly number[]>> | null {
  if (bytes.length < 10 || bytes[0] !== 0) return null;
  const reader = new Reader().reset(bytes.subarray(2));
  const { assignedPartitions } = decodeConsumerProtocolAssignment(reader, bytes[1] ?? 0);
  return Object.fromEntries(assignedPartitions.map(({ topic, partitions }) => [topic, partitions]));
}
