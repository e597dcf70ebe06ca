/** Well-formed requests whose only fault is their size: the same thing, or a new one, again and again. */
import { ApiKey, type MessageCodec, type Writer, zeroUuid } from "../../src/protocol/mod.ts";
import { createPartitionsRequest } from "../../src/protocol/generated/create_partitions_request.ts";
import {
  createTopicsRequest,
  type CreateTopicsRequestCreatableTopicInput,
} from "../../src/protocol/generated/create_topics_request.ts";
import { deleteTopicsRequest } from "../../src/protocol/generated/delete_topics_request.ts";
import {
  fetchRequest,
  type FetchRequestFetchPartitionInput,
} from "../../src/protocol/generated/fetch_request.ts";
import { findCoordinatorRequest } from "../../src/protocol/generated/find_coordinator_request.ts";
import {
  listOffsetsRequest,
  type ListOffsetsRequestListOffsetsTopicInput,
} from "../../src/protocol/generated/list_offsets_request.ts";
import {
  metadataRequest,
  type MetadataRequestMetadataRequestTopicInput,
} from "../../src/protocol/generated/metadata_request.ts";
import { offsetForLeaderEpochRequest } from "../../src/protocol/generated/offset_for_leader_epoch_request.ts";
import {
  produceRequest,
  type ProduceRequestTopicProduceDataInput,
} from "../../src/protocol/generated/produce_request.ts";
import type { TopicRef } from "../support/requests.ts";
import { frameOf, requestFrame } from "./frames.ts";

/** One large request. It is made when it is sent, for all of them together would fill the memory of the tests. */
export interface HeavyRequest {
  readonly name: string;
  readonly frame: () => Uint8Array<ArrayBuffer>;
}

/** The requests with `count` elements each, some of them about `topic`, which exists and holds records. */
export function heavyRequests(topic: TopicRef, count: number): HeavyRequest[] {
  return [
    ...metadataRequests(topic, count),
    ...offsetRequests(topic, count),
    ...fetchRequests(topic, count),
    ...produceRequests(topic, count),
    ...createTopicsRequests(count),
    ...otherTopicRequests(topic, count),
    ...taggedFields(count),
    heavy(`FindCoordinator, ${count} keys`, findCoordinatorRequest, 6, () => ({
      key: "",
      keyType: 0,
      coordinatorKeys: numbered(count, (name) => name),
    })),
  ];
}

function heavy<Request>(
  name: string,
  codec: MessageCodec<unknown, Request>,
  version: number,
  value: () => Request,
): HeavyRequest {
  return { name, frame: () => requestFrame(codec, version, value()) };
}

function metadataRequests({ name, topicId }: TopicRef, count: number): HeavyRequest[] {
  const metadata = (
    what: string,
    version: number,
    topics: () => MetadataRequestMetadataRequestTopicInput[],
    allowAutoTopicCreation = false,
  ) =>
    heavy(`Metadata, ${what}`, metadataRequest, version, () => ({
      topics: topics(),
      allowAutoTopicCreation,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    }));
  return [
    metadata(`one topic ${count} times`, 4, () => repeat(count, { name })),
    metadata(`one topic id ${count} times`, 12, () => repeat(count, { name: null, topicId })),
    metadata(`no topic ${count} times`, 12, () => repeat(count, { name: null, topicId: zeroUuid })),
    metadata(`${count} unknown topics`, 9, () => numbered(count, (name) => ({ name }))),
    metadata(
      `${count} topics that may not be created`,
      9,
      () => numbered(count, (name) => ({ name: `${name}!` })),
      true,
    ),
  ];
}

function offsetRequests({ name }: TopicRef, count: number): HeavyRequest[] {
  const list = (what: string, topics: () => ListOffsetsRequestListOffsetsTopicInput[]) =>
    heavy(
      `ListOffsets, ${what}`,
      listOffsetsRequest,
      8,
      () => ({ replicaId: -1, isolationLevel: 0, topics: topics() }),
    );
  const last = { partitionIndex: 0, timestamp: -1 };
  const half = Math.floor(count / 2);
  return [
    list(`one partition ${count} times`, () => [{ name, partitions: repeat(count, last) }]),
    list(
      `${count} partitions of one topic`,
      () => [{ name, partitions: indices(count, (partitionIndex) => ({ ...last, partitionIndex })) }],
    ),
    list(
      `${half} times a partition by time`,
      () => repeat(half, { name, partitions: [{ ...last, timestamp: 1 }] }),
    ),
    list(
      `${half} times a partition's largest time`,
      () => repeat(half, { name, partitions: [{ ...last, timestamp: -3 }] }),
    ),
    list(`${half} unknown topics`, () => numbered(half, (name) => ({ name, partitions: [last] }))),
    heavy(`OffsetForLeaderEpoch, one partition ${count} times`, offsetForLeaderEpochRequest, 4, () => ({
      replicaId: -1,
      topics: [{ topic: name, partitions: repeat(count, { partition: 0, leaderEpoch: 0 }) }],
    })),
    heavy(`OffsetForLeaderEpoch, ${half} unknown topics`, offsetForLeaderEpochRequest, 4, () => ({
      replicaId: -1,
      topics: numbered(half, (topic) => ({ topic, partitions: [{ partition: 0, leaderEpoch: 0 }] })),
    })),
  ];
}

function fetchRequests({ name }: TopicRef, count: number): HeavyRequest[] {
  const fetch = (
    what: string,
    topic: string,
    sessionEpoch: number,
    partitions: () => FetchRequestFetchPartitionInput[],
    forgotten: () => number[] = () => [],
  ) =>
    heavy(`Fetch, ${what}`, fetchRequest, 11, () => ({
      replicaId: -1,
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 1_000_000,
      sessionEpoch,
      topics: [{ topic, partitions: partitions() }],
      forgottenTopicsData: [{ topic, partitions: forgotten() }],
    }));
  const place = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 };
  const all = () => indices(count, (partition) => ({ ...place, partition }));
  return [
    fetch(`one partition ${count} times`, name, -1, () => repeat(count, place)),
    fetch(`${count} partitions of one topic`, name, -1, all),
    fetch(`a session of ${count} partitions`, "unknown", 0, all),
    fetch(`${count} partitions forgotten`, name, 0, () => [], () => indices(count, (partition) => partition)),
  ];
}

function produceRequests({ name, topicId }: TopicRef, count: number): HeavyRequest[] {
  const produce = (
    what: string,
    version: number,
    topicData: () => ProduceRequestTopicProduceDataInput[],
  ) =>
    heavy(
      `Produce, ${what}`,
      produceRequest,
      version,
      () => ({ acks: -1, timeoutMs: 1000, topicData: topicData() }),
    );
  const nothing = { index: 0, records: null };
  const half = Math.floor(count / 2);
  return [
    produce(
      `one partition without records ${count} times`,
      9,
      () => [{ name, partitionData: repeat(count, nothing) }],
    ),
    produce(
      `${half} topics without records`,
      13,
      () => repeat(half, { topicId, partitionData: [nothing] }),
    ),
  ];
}

function createTopicsRequests(count: number): HeavyRequest[] {
  const create = (
    what: string,
    topics: () => CreateTopicsRequestCreatableTopicInput[],
    validateOnly = true,
  ) =>
    heavy(
      `CreateTopics, ${what}`,
      createTopicsRequest,
      7,
      () => ({ topics: topics(), timeoutMs: 1000, validateOnly }),
    );
  const fresh = { name: "new", numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
  const assigned = { ...fresh, numPartitions: -1, replicationFactor: -1 };
  return [
    create(`one topic ${count} times`, () => repeat(count, fresh)),
    create(`${count} topics to be checked`, () => numbered(count, (name) => ({ ...fresh, name }))),
    create(
      `${count} topics of no partition`,
      () => numbered(count, (name) => ({ ...fresh, name, numPartitions: 0 })),
      false,
    ),
    create(`${count} assignments`, () => [{
      ...assigned,
      assignments: indices(count, (partitionIndex) => ({ partitionIndex, brokerIds: [] })),
    }]),
    create(`${count} replicas`, () => [{
      ...assigned,
      assignments: [{ partitionIndex: 0, brokerIds: indices(count, (id) => id) }],
    }]),
    create(
      `${count} configs`,
      () => [{ ...fresh, configs: repeat(count, { name: "retention.ms", value: "1" }) }],
    ),
  ];
}

function otherTopicRequests({ name }: TopicRef, count: number): HeavyRequest[] {
  const grow = (what: string, topics: () => { name: string; count: number; assignments: null }[]) =>
    heavy(
      `CreatePartitions, ${what}`,
      createPartitionsRequest,
      3,
      () => ({ topics: topics(), timeoutMs: 1000, validateOnly: false }),
    );
  const remove = (what: string, topicNames: () => string[]) =>
    heavy(
      `DeleteTopics, ${what}`,
      deleteTopicsRequest,
      5,
      () => ({ topics: [], topicNames: topicNames(), timeoutMs: 1000 }),
    );
  return [
    grow(`one topic ${count} times`, () => repeat(count, { name, count: 1, assignments: null })),
    grow(
      `${count} unknown topics`,
      () => numbered(count, (name) => ({ name, count: 1, assignments: null })),
    ),
    remove(`one topic ${count} times`, () => repeat(count, name)),
    remove(`${count} unknown topics`, () => numbered(count, (name) => name)),
  ];
}

function taggedFields(count: number): HeavyRequest[] {
  // Each with its tag and no content.
  const tags = (writer: Writer) => {
    writer.uvarint(count);
    for (let tag = 0; tag < count; tag++) {
      writer.uvarint(tag);
      writer.uvarint(0);
    }
  };
  const software = (writer: Writer) => {
    writer.string("hostile", true);
    writer.string("1", true);
  };
  const head = { apiKey: ApiKey.ApiVersions, version: 3 };
  return [
    {
      name: `ApiVersions, ${count} tagged fields`,
      frame: () =>
        frameOf({ ...head, headerVersion: 2 }, (writer) => {
          software(writer);
          tags(writer);
        }),
    },
    {
      name: `ApiVersions, ${count} tagged fields in the header`,
      frame: () =>
        frameOf({ ...head, headerVersion: 1 }, (writer) => {
          tags(writer);
          software(writer);
          writer.uvarint(0);
        }),
    },
  ];
}

function repeat<T>(count: number, value: T): T[] {
  return new Array<T>(count).fill(value);
}

function indices<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function numbered<T>(count: number, make: (name: string) => T): T[] {
  return indices(count, (index) => make(`t${index}`));
}
