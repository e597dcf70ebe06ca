import { ErrorCode } from "../../../base/error_codes.ts";
import type { ClusterState } from "../../cluster_state.ts";
import type { Decision } from "../../decision.ts";
import type { Topic } from "../../topics/topic.ts";
import { ClassicGroup } from "../classic/classic_group.ts";
import { ConsumerGroup } from "../consumer/consumer_group.ts";
import { BYTES_PER_CHARACTER, OFFSET_BYTES, TOPIC_BYTES } from "./offsets.ts";
import type { OffsetRow, TopicRows } from "./records.ts";

/** A topic as it is asked for. */
export type TopicAsked = { readonly name: string } | { readonly id: string };

/** Offsets that a client wants to commit in one topic. */
export interface OffsetsAsked {
  readonly topic: TopicAsked;
  readonly partitions: readonly {
    readonly partition: number;
    readonly offset: number;
    readonly leaderEpoch: number;
    readonly metadata: string | null;
  }[];
}

/** Who commits, and for which group. */
export interface Committer {
  readonly group: string;
  /** Empty for one that is no member. */
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** The epoch in a group of the consumer protocol. -1 for one that is no member. */
  readonly generation: number;
}

export interface OffsetLimits {
  /** Longest metadata, in characters. */
  readonly metadataMax: number;
  /** Memory that all offsets may take. */
  readonly heldBytesMax: number;
}

/** What one request may commit, as Kafka bounds what goes into one batch of its offsets topic. */
const COMMIT_BYTES_MAX = 2 ** 20;
/** What an offset takes there, about, without its text. */
const ROW_BYTES = 96;

/** What is decided of a request with many offsets: an error code for each partition asked for, and the records. */
export interface OffsetsDecision {
  readonly decision: Decision;
  /** By topic and partition, in the order of the request. */
  readonly errors: readonly (readonly number[])[];
}

/** What a commit turns into once it is known to be right. */
type CommitRecord = (topics: readonly TopicRows[]) => Decision;

/** Decides about offsets that take effect at once. `retentionMs` is the client's wish, -1 for none. */
export function decideOffsetCommit(
  state: ClusterState,
  committer: Committer,
  asked: readonly OffsetsAsked[],
  options: { readonly nowMs: number; readonly retentionMs: number; readonly knowsMissingGroups: boolean },
  limits: OffsetLimits,
): OffsetsDecision {
  const { nowMs, retentionMs, knowsMissingGroups } = options;
  const check = () => {
    // Members of the consumer protocol need the versions that have its errors, too.
    const isTooOld = !knowsMissingGroups && speaksConsumerProtocol(state, committer);
    const missing = knowsMissingGroups ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.ILLEGAL_GENERATION;
    if (isTooOld) return ErrorCode.UNSUPPORTED_VERSION;
    return committerError(state, committer, { isTransactional: false, missing }) ||
      ownerError(state, committer, asked);
  };
  const expiry = retentionMs === -1 ? {} : { expireMs: nowMs + retentionMs };
  return decideRows(state, committer.group, asked, limits, check, (topics) => ({
    records: [{ type: "offsets_committed", group: committer.group, atMs: nowMs, ...expiry, topics }],
  }));
}

/** Decides about offsets that take effect when the transaction of `producerId` commits. */
export function decideTxnOffsetCommit(
  state: ClusterState,
  committer: Committer & { readonly producerId: number },
  asked: readonly OffsetsAsked[],
  options: { readonly nowMs: number; readonly producerError: () => number },
  limits: OffsetLimits,
): OffsetsDecision {
  const { group, producerId } = committer;
  const check = () => {
    const missing = ErrorCode.ILLEGAL_GENERATION;
    const error = options.producerError() ||
      committerError(state, committer, { isTransactional: true, missing }) ||
      ownerError(state, committer, asked);
    return error === ErrorCode.STALE_MEMBER_EPOCH ? ErrorCode.ILLEGAL_GENERATION : error;
  };
  return decideRows(state, committer.group, asked, limits, check, (topics) => ({
    records: [{ type: "txn_offsets_written", producerId, group, atMs: options.nowMs, topics }],
  }));
}

/** Whoever belongs to no group may commit for one that nobody is in, or that does not exist. */
function committerError(
  state: ClusterState,
  { group, memberId, groupInstanceId, generation }: Committer,
  { isTransactional, missing }: { readonly isTransactional: boolean; readonly missing: number },
): number {
  const found = state.groups.get(group);
  if (found === undefined) return generation < 0 ? ErrorCode.NONE : missing;
  return found.validateOffsetCommit(memberId, groupInstanceId, generation, isTransactional);
}

function speaksConsumerProtocol(state: ClusterState, { group, memberId }: Committer): boolean {
  const found = state.groups.get(group);
  return found instanceof ConsumerGroup && found.member(memberId)?.info.classic === null;
}

/**
 * A member of a consumer group that is behind its epoch may commit where it was the owner then, too
 * (KIP-1251). As in Kafka one partition where it was not is enough to refuse all.
 */
function ownerError(
  state: ClusterState,
  { group, memberId, generation }: Committer,
  asked: readonly OffsetsAsked[],
): number {
  const found = state.groups.get(group);
  if (!(found instanceof ConsumerGroup)) return ErrorCode.NONE;
  for (const { topic, partitions } of asked) {
    const id = topicOf(state, topic)?.id;
    if (id === undefined) continue;
    for (const { partition } of partitions) {
      const errorCode = found.validatePartitionCommit(memberId, generation, id, partition);
      if (errorCode !== ErrorCode.NONE) return errorCode;
    }
  }
  return ErrorCode.NONE;
}

/** What does not exist is refused alone; a committer who may not commit is refused for all the rest. */
function decideRows(
  state: ClusterState,
  group: string,
  asked: readonly OffsetsAsked[],
  limits: OffsetLimits,
  check: () => number,
  commit: CommitRecord,
): OffsetsDecision {
  const topics = asked.map(({ topic }) => topicOf(state, topic));
  const places = asked.map(({ topic, partitions }, index) =>
    partitions.map(({ partition }) => placeError(topic, topics[index], partition))
  );
  const nothing = { records: [] };
  if (places.every((codes) => codes.every((code) => code !== ErrorCode.NONE))) {
    return { decision: nothing, errors: places };
  }
  const refused = check() || roomError(state, group, asked, limits);
  const errors = asked.map(({ partitions }, index) =>
    partitions.map(({ metadata }, at) =>
      places[index]![at]! || refused ||
      ((metadata?.length ?? 0) > limits.metadataMax ? ErrorCode.OFFSET_METADATA_TOO_LARGE : ErrorCode.NONE)
    )
  );
  const committed = rowsOf(asked, topics, errors);
  return { decision: committed.length === 0 ? nothing : commit(committed), errors };
}

function rowsOf(
  asked: readonly OffsetsAsked[],
  topics: readonly (Topic | undefined)[],
  errors: readonly (readonly number[])[],
): TopicRows[] {
  const committed: TopicRows[] = [];
  for (const [index, { partitions }] of asked.entries()) {
    const good = partitions.filter((_, at) => errors[index]![at] === ErrorCode.NONE);
    const topic = topics[index];
    if (topic === undefined || good.length === 0) continue;
    committed.push({
      topic: topic.id,
      rows: good.map(({ partition, offset, leaderEpoch, metadata }): OffsetRow =>
        metadata ? [partition, offset, leaderEpoch, metadata] : [partition, offset, leaderEpoch]
      ),
    });
  }
  return committed;
}

function topicOf(state: ClusterState, asked: TopicAsked): Topic | undefined {
  return "name" in asked ? state.topic(asked.name) : state.topicById(asked.id);
}

function placeError(asked: TopicAsked, topic: Topic | undefined, partition: number): number {
  if (topic === undefined && "id" in asked) return ErrorCode.UNKNOWN_TOPIC_ID;
  return topic?.partitions[partition] === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NONE;
}

/** Whoever has an offset can go on to commit it when there is no room for more. A group that is made takes room, too. */
function roomError(
  state: ClusterState,
  group: string,
  asked: readonly OffsetsAsked[],
  limits: OffsetLimits,
): number {
  const isGroupRoom = state.groups.get(group) !== undefined ||
    state.groups.hasRoomFor(new ClassicGroup(group, { generation: 0, timeMs: 0 }).heldBytes);
  let bytes = 0;
  let newBytes = 0;
  for (const { topic, partitions } of asked) {
    const id = topicOf(state, topic)?.id;
    // Nothing is kept of what does not exist.
    if (id === undefined) continue;
    if (!state.offsets.topicsOf(group).has(id)) newBytes += TOPIC_BYTES;
    for (const { partition, metadata } of partitions) {
      const held = state.offsets.committed(group, id, partition);
      const metadataBytes = (metadata?.length ?? 0) * BYTES_PER_CHARACTER;
      bytes += ROW_BYTES + metadataBytes;
      if (held === undefined) newBytes += OFFSET_BYTES + metadataBytes;
      else newBytes += Math.max(0, metadataBytes - held.metadata.length * BYTES_PER_CHARACTER);
    }
  }
  const isRoom = newBytes === 0 || state.offsets.heldBytes + newBytes <= limits.heldBytesMax;
  return isGroupRoom && isRoom && bytes <= COMMIT_BYTES_MAX
    ? ErrorCode.NONE
    : ErrorCode.INVALID_COMMIT_OFFSET_SIZE;
}
