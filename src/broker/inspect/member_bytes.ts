import { consumerProtocolAssignment } from "../../protocol/generated/consumer_protocol_assignment.ts";
import { consumerProtocolSubscription } from "../../protocol/generated/consumer_protocol_subscription.ts";
import { type DataCodec, ProtocolError, Reader } from "../../protocol/mod.ts";
import type { MemberFacts } from "./view.ts";

/** The protocol type of Kafka's consumers: what others say to each other, nobody else can read. */
const CONSUMERS = "consumer";

/** What a member of a classic group has said about itself and was given, as far as it is a consumer. */
export function memberBytes(
  protocolType: string,
  metadata: Uint8Array,
  assignment: Uint8Array,
): Pick<MemberFacts, "subscription" | "assignment"> {
  if (protocolType !== CONSUMERS) return { subscription: null, assignment: null };
  const subscribed = decode(consumerProtocolSubscription, metadata);
  const assigned = decode(consumerProtocolAssignment, assignment);
  return {
    subscription: metadata.length === 0 ? [] : subscribed?.topics.toSorted() ?? null,
    assignment: assignment.length === 0
      ? []
      : assigned?.assignedPartitions.map(({ topic, partitions }) => ({ topic, partitions })).toSorted(
        byTopic,
      ) ??
        null,
  };
}

/** A version, and what a consumer says in it; what a later one adds stands behind and is left unread. */
function decode<Value>(codec: DataCodec<Value, never>, bytes: Uint8Array): Value | null {
  try {
    const reader = new Reader().reset(bytes);
    const version = reader.int16();
    return version < codec.minVersion ? null : codec.decode(reader, Math.min(version, codec.maxVersion));
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/** The order of topics in answers. */
export function byTopic(a: { readonly topic: string }, b: { readonly topic: string }): number {
  return a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0;
}

/** What a member of a consumer group reads: topics, and the pattern that stands for more of them. */
export function subscriptionOf(topics: readonly string[], pattern: string | null): string[] {
  return [...topics.toSorted(), ...(pattern === null || pattern === "" ? [] : [`/${pattern}/`])];
}
