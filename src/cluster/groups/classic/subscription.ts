import { TOPIC_NAME_MAX_LENGTH } from "../../topics/topic_name.ts";

/** A version and a count come first. */
const TOPICS_AT = 6;

/**
 * The topics that a consumer's metadata names (the beginning of Kafka's
 * ConsumerProtocolSubscription, alike in all versions); `null` when it is none. Names that no topic can have are left
 * out: very long ones are slow to look up.
 */
export function subscribedTopics(metadata: Uint8Array): string[] | null {
  if (metadata.length < TOPICS_AT) return null;
  const view = new DataView(metadata.buffer, metadata.byteOffset, metadata.length);
  if (view.getInt16(0) < 0) return null;
  const count = view.getInt32(2);
  const decoder = new TextDecoder();
  const topics: string[] = [];
  let at = TOPICS_AT;
  for (let left = count; left > 0; left--) {
    if (at + 2 > metadata.length) return null;
    const length = view.getInt16(at);
    at += 2;
    if (length < 0 || at + length > metadata.length) return null;
    if (length <= TOPIC_NAME_MAX_LENGTH) topics.push(decoder.decode(metadata.subarray(at, at + length)));
    at += length;
  }
  return topics;
}
