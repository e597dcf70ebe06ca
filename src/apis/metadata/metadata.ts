/**
 * Metadata 0–13. 1 tells "all topics" (null) from "none" (empty); 4 lets a client
 * forbid auto-creation; 8 adds authorized operations (those of the cluster leave
 * again in 11); 10 topic ids, 12 asking by them (KIP-516); 13 an error for all.
 *
 * An auto-created topic is there at once: clients need not ask a second time. One
 * request makes no more partitions than CreateTopics does; its other topics are unknown.
 *
 * Whoever may not describe a topic is not told whether it exists; asked for all, it is left out.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { decideCreateTopic, type Topic, topicNameProblem } from "../../cluster/mod.ts";
import { zeroUuid } from "../../protocol/mod.ts";
import {
  type MetadataRequest,
  metadataRequest,
  type MetadataRequestMetadataRequestTopic,
} from "../../protocol/generated/metadata_request.ts";
import {
  metadataResponse,
  type MetadataResponseInput,
  type MetadataResponseMetadataResponseTopicInput,
} from "../../protocol/generated/metadata_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { Pauses } from "../../engine/mod.ts";
import {
  AclOperation,
  clusterOperations,
  mayOnTopic,
  mayQuietlyOnCluster,
  OPERATIONS_NOT_REQUESTED,
  seesTopic,
  topicOperations,
} from "../rights.ts";
import { paid } from "../topics/paid_changes.ts";
import { advertisedEndpoint } from "./endpoint.ts";

/** What is beyond the client's quota for changes is not made, at any version. */
const STRICT_FROM = 0;

type TopicResult = MetadataResponseMetadataResponseTopicInput;

export const metadata = defineApi({
  request: metadataRequest,
  response: metadataResponse,
  handle(services, request, call): MetadataResponseInput | Promise<MetadataResponseInput> {
    const { topics } = request;
    if (topics !== null && (call.version > 0 || topics.length > 0)) {
      return byTopic(services, request, topics, call);
    }
    // At once, for answers that are formed and wait would be many times what was asked.
    const operations = operationsAsked(services, request, call);
    const all: TopicResult[] = [];
    for (const topic of services.engine.state.topics()) {
      if (seesTopic(services, call, topic.name)) all.push(found(services, topic, operations));
    }
    return answer(services, request, call, all);
  },
});

async function byTopic(
  services: Services,
  request: MetadataRequest,
  asked: readonly MetadataRequestMetadataRequestTopic[],
  call: Call,
): Promise<MetadataResponseInput> {
  const { engine, settings } = services;
  const operations = operationsAsked(services, request, call);
  const { defaultPartitions, maxPartitionsPerRequest } = settings.topicLimits;
  await call.client.answerTurn();
  const mayCreate = settings.autoCreateTopics && request.allowAutoTopicCreation;
  const most = engine.state.partitionCount + maxPartitionsPerRequest - defaultPartitions;
  const pauses = new Pauses(engine.clock);
  const answered = new Set<string>();
  const topics: TopicResult[] = [];
  for (const topic of asked) {
    const key = topic.name ?? topic.topicId;
    if (answered.has(key)) continue;
    answered.add(key);
    await pauses.next();
    const isRoom = engine.state.partitionCount <= most;
    topics.push(await oneTopic(services, topic, call, mayCreate && isRoom, operations));
  }
  return answer(services, request, call, topics);
}

function answer(
  services: Services,
  request: MetadataRequest,
  call: Call,
  topics: readonly TopicResult[],
): MetadataResponseInput {
  const { clusterId, nodeId } = services.settings;
  return {
    brokers: [{ nodeId, ...advertisedEndpoint(call) }],
    clusterId,
    controllerId: nodeId,
    topics,
    ...(call.version >= 8 && call.version <= 10 && {
      clusterAuthorizedOperations: clusterOperations(
        services,
        call,
        request.includeClusterAuthorizedOperations,
      ),
    }),
  };
}

/** What is told of the rights to a topic, by its name. */
type Operations = (name: string) => number;

function operationsAsked(services: Services, request: MetadataRequest, call: Call): Operations {
  return (name) => topicOperations(services, call, request.includeTopicAuthorizedOperations, name);
}

async function oneTopic(
  services: Services,
  asked: MetadataRequestMetadataRequestTopic,
  call: Call,
  mayCreate: boolean,
  operations: Operations,
): Promise<TopicResult> {
  const { engine, settings } = services;
  const { name, topicId } = asked;
  if (topicId !== zeroUuid) {
    const topic = engine.state.topicById(topicId);
    if (topic === undefined) return missing(null, topicId, ErrorCode.UNKNOWN_TOPIC_ID);
    if (!mayOnTopic(services, call, AclOperation.DESCRIBE, topic.name)) {
      return missing(null, topicId, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
    }
    return found(services, topic, operations);
  }
  if (name === null) return missing(null, zeroUuid, ErrorCode.UNKNOWN_TOPIC_ID);
  if (!mayOnTopic(services, call, AclOperation.DESCRIBE, name)) {
    return missing(name, zeroUuid, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
  }
  const existing = engine.state.topic(name);
  if (existing !== undefined) return found(services, existing, operations);

  if (!mayCreate) {
    const isLegal = topicNameProblem(name) === null;
    const errorCode = isLegal ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION;
    return missing(name, zeroUuid, errorCode, operations(name));
  }
  if (!mayCreateTopic(services, call, name)) {
    return missing(name, zeroUuid, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
  }
  const command = { name, partitions: -1, replicationFactor: -1, assignments: [], configs: [] };
  const id = engine.newTopicId();
  const refusal = await engine.execute(
    paid(call, STRICT_FROM, (state) => decideCreateTopic(state, command, settings.topicLimits, id)),
  );
  const topic = engine.state.topic(name);
  if (topic !== undefined) return found(services, topic, operations);
  // Who is beyond its quota asks again later, as if the topic were being made.
  const isRefused = refusal !== null && refusal.error !== ErrorCode.THROTTLING_QUOTA_EXCEEDED;
  const errorCode = isRefused ? refusal.error : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  return missing(name, zeroUuid, errorCode, operations(name));
}

function mayCreateTopic(services: Services, call: Call, name: string): boolean {
  return mayQuietlyOnCluster(services, call, AclOperation.CREATE) ||
    mayOnTopic(services, call, AclOperation.CREATE, name);
}

function found(services: Services, topic: Topic, operations: Operations): TopicResult {
  const self = [services.settings.nodeId];
  const { leaderEpoch } = services.engine.state;
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.isInternal,
    partitions: topic.partitions.map(({ index }) => ({
      errorCode: ErrorCode.NONE,
      partitionIndex: index,
      leaderId: services.settings.nodeId,
      leaderEpoch,
      replicaNodes: self,
      isrNodes: self,
    })),
    topicAuthorizedOperations: operations(topic.name),
  };
}

function missing(
  name: string | null,
  topicId: string,
  errorCode: number,
  topicAuthorizedOperations = OPERATIONS_NOT_REQUESTED,
): TopicResult {
  return { errorCode, name, topicId, partitions: [], topicAuthorizedOperations };
}
