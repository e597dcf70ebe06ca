/**
 * OffsetFetch 1–10. 2 asks for all topics, 5 adds the leader epoch, 7 refuses
 * offsets that an open transaction may be about to change (KIP-447), 8 asks for
 * several groups at once (KIP-709), 9 checks a member's epoch (KIP-848), 10 names
 * topics by id. What has no offset has -1; a group that does not exist has none.
 * Of topics that the client may not describe it is told nothing.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import type { CommittedOffset } from "../../cluster/mod.ts";
import { zeroUuid } from "../../protocol/mod.ts";
import {
  type OffsetFetchRequest,
  offsetFetchRequest,
} from "../../protocol/generated/offset_fetch_request.ts";
import {
  offsetFetchResponse,
  type OffsetFetchResponseInput,
  type OffsetFetchResponseOffsetFetchResponseGroupInput,
  type OffsetFetchResponseOffsetFetchResponsePartitionsInput,
  type OffsetFetchResponseOffsetFetchResponseTopicsInput,
} from "../../protocol/generated/offset_fetch_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnGroup, mayOnTopic, seesTopic } from "../rights.ts";

type Group = OffsetFetchResponseOffsetFetchResponseGroupInput & { readonly topics: readonly Topic[] };
type Topic = OffsetFetchResponseOffsetFetchResponseTopicsInput & { readonly name: string };
type Partition = OffsetFetchResponseOffsetFetchResponsePartitionsInput;

/** A group's offsets as they are asked for; no topics are all of them. */
interface Asked {
  readonly groupId: string;
  readonly memberId: string | null;
  readonly memberEpoch: number;
  readonly topics: readonly TopicAsked[] | null;
}

interface TopicAsked {
  readonly name: string;
  readonly topicId: string;
  readonly partitionIndexes: readonly number[];
}

/** From here on an error is the whole answer, and no longer repeated for each partition. */
const ONE_ERROR_FROM = 2;
const SEVERAL_GROUPS_FROM = 8;
const BY_ID_FROM = 10;

export const offsetFetch = defineApi({
  request: offsetFetchRequest,
  response: offsetFetchResponse,
  handle(services, request, call): OffsetFetchResponseInput {
    const { version } = call;
    const { requireStable } = request;
    const options = { requireStable, byId: version >= BY_ID_FROM, told: new Set<string>() };
    const groups = withoutRepeats(askedGroups(request, version)).map((asked) =>
      mayOnGroup(services, call, AclOperation.DESCRIBE, asked.groupId)
        ? fetchGroup(services, asked, call, options)
        : { groupId: asked.groupId, topics: [], errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }
    );
    if (version >= SEVERAL_GROUPS_FROM) return { topics: [], groups };
    const { errorCode = ErrorCode.NONE, topics } = groups[0]!;
    if (errorCode === ErrorCode.NONE || version >= ONE_ERROR_FROM) return { errorCode, topics, groups: [] };
    const refused = (request.topics ?? []).map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partition) => without(partition, errorCode)),
    }));
    return { errorCode, topics: refused, groups: [] };
  },
});

function askedGroups(request: OffsetFetchRequest, version: number): readonly Asked[] {
  if (version >= SEVERAL_GROUPS_FROM) return request.groups;
  const topics = request.topics?.map((topic) => ({ ...topic, topicId: zeroUuid })) ?? null;
  return [{ groupId: request.groupId, memberId: null, memberEpoch: -1, topics }];
}

/** All offsets of a group are told once: an answer is no larger than what is asked for, or than all there are. */
function withoutRepeats(asked: readonly Asked[]): readonly Asked[] {
  const whole = new Set<string>();
  return asked.filter(({ groupId, topics }) => {
    if (topics !== null) return true;
    const isFirst = !whole.has(groupId);
    whole.add(groupId);
    return isFirst;
  });
}

interface FetchOptions {
  readonly requireStable: boolean;
  readonly byId: boolean;
  /** The partitions whose texts have been told; see {@link fetchGroup}. */
  readonly told: Set<string>;
}

/**
 * What is asked for of a group. A partition whose offset has a text is told once a request, or a small one that asks
 * for a long text over and over would have a boundless answer.
 */
function fetchGroup(
  services: Services,
  asked: Asked,
  call: Call,
  { requireStable, byId, told }: FetchOptions,
): Group {
  const { state } = services.engine;
  const { groupId, memberId, memberEpoch } = asked;
  const group = state.groups.get(groupId);
  const errorCode = group?.validateOffsetFetch(memberId, memberEpoch) ?? ErrorCode.NONE;
  if (errorCode !== ErrorCode.NONE) return { groupId, topics: [], errorCode };
  const { offsets } = state;
  const fetched = (topicId: string, partition: number) =>
    requireStable && offsets.isPending(groupId, topicId, partition)
      ? without(partition, ErrorCode.UNSTABLE_OFFSET_COMMIT)
      : at(partition, offsets.committed(groupId, topicId, partition));
  const topics = asked.topics?.map(({ name, topicId, partitionIndexes }): Topic => {
    const topic = byId ? state.topicById(topicId) : state.topic(name);
    const errorCode = topicProblem(services, call, byId ? topic?.name : name);
    const partitions = partitionIndexes.map((partition) =>
      errorCode === ErrorCode.NONE ? fetched(topic?.id ?? "", partition) : without(partition, errorCode)
    );
    const isFirst = (index: number) => told.size < told.add(`${topic?.id} ${index} ${groupId}`).size;
    return {
      name,
      topicId,
      partitions: partitions.filter(({ partitionIndex, metadata }) => !metadata || isFirst(partitionIndex)),
    };
  });
  const all = () =>
    Array.from(offsets.topicsOf(groupId), ([topicId, held]): Topic => ({
      name: state.topicById(topicId)?.name ?? "",
      topicId,
      partitions: held.partitions().map((partition) => fetched(topicId, partition)),
    })).filter(({ name }) => seesTopic(services, call, name));
  return { groupId, topics: topics ?? all(), errorCode };
}

/** `name` is undefined where an id is unknown: that may be known. */
function topicProblem(services: Services, call: Call, name: string | undefined): number {
  if (name === undefined) return ErrorCode.UNKNOWN_TOPIC_ID;
  return mayOnTopic(services, call, AclOperation.DESCRIBE, name)
    ? ErrorCode.NONE
    : ErrorCode.TOPIC_AUTHORIZATION_FAILED;
}

function at(partitionIndex: number, committed: CommittedOffset | undefined): Partition {
  if (committed === undefined) return without(partitionIndex, ErrorCode.NONE);
  return {
    partitionIndex,
    committedOffset: committed.offset,
    committedLeaderEpoch: committed.leaderEpoch,
    metadata: committed.metadata,
    errorCode: ErrorCode.NONE,
  };
}

function without(partitionIndex: number, errorCode: number): Partition {
  return { partitionIndex, committedOffset: -1, committedLeaderEpoch: -1, metadata: "", errorCode };
}
