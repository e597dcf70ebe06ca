/**
 * CreateTopics 2–7. 4 lets the broker choose partitions and replicas (KIP-464), 5
 * answers with the topic's configs (KIP-525), 7 with its id. Each topic of a
 * request succeeds or fails on its own, unless they are too many partitions together. Whoever
 * may not see a topic's configs is not told what came of it.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import {
  type CreateTopicCommand,
  decideCreateTopic,
  type Refusal,
  refuse,
  type Topic,
} from "../../cluster/mod.ts";
import { describeTopicConfigs } from "../../cluster/configs/mod.ts";
import {
  createTopicsRequest,
  type CreateTopicsRequestCreatableTopic,
} from "../../protocol/generated/create_topics_request.ts";
import {
  createTopicsResponse,
  type CreateTopicsResponseCreatableTopicConfigsInput,
  type CreateTopicsResponseCreatableTopicResultInput,
  type CreateTopicsResponseInput,
} from "../../protocol/generated/create_topics_response.ts";
import { AclResource } from "../../cluster/security/acls/acl_codes.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnTopic, mayQuietlyOnCluster } from "../rights.ts";
import { Pauses } from "../../engine/mod.ts";
import { paid } from "./paid_changes.ts";
import { repeated } from "./repeated.ts";

/** From here on what is beyond the client's quota is refused (KIP-599). */
const STRICT_FROM = 6;

type Result = CreateTopicsResponseCreatableTopicResultInput;

export const createTopics = defineApi({
  request: createTopicsRequest,
  response: createTopicsResponse,
  async handle(services, request, call): Promise<CreateTopicsResponseInput> {
    const twice = repeated(request.topics.map((topic) => topic.name));
    const topics: Result[] = [...twice].map((name) => ({
      name,
      errorCode: ErrorCode.INVALID_REQUEST,
      errorMessage: "Duplicate topic name.",
    }));
    const mayCreateAny = mayQuietlyOnCluster(services, call, AclOperation.CREATE);
    const asked: CreateTopicsRequestCreatableTopic[] = [];
    for (const topic of request.topics) {
      if (twice.has(topic.name)) continue;
      if (mayCreateAny || mayOnTopic(services, call, AclOperation.CREATE, topic.name)) asked.push(topic);
      else topics.push(refused(topic.name, NOT_ALLOWED));
    }
    const excess = refuseExcess(services, asked);
    const pauses = new Pauses(services.engine.clock);
    for (const topic of asked) {
      await pauses.next();
      const result = excess === null
        ? await create(services, topic, request.validateOnly, call)
        : refused(topic.name, excess);
      const isWhole = result.errorCode !== ErrorCode.NONE || seesConfigs(services, call, topic.name);
      topics.push(isWhole ? result : { ...result, ...HIDDEN });
    }
    return { topics };
  },
});

const NOT_ALLOWED = refuse(ErrorCode.TOPIC_AUTHORIZATION_FAILED, "Authorization failed.");
/** In place of what a topic has become. */
const HIDDEN = {
  topicConfigErrorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  numPartitions: -1,
  replicationFactor: -1,
  configs: [],
};

function seesConfigs({ authorizer }: Services, { client }: Call, name: string): boolean {
  return authorizer.allowsQuietly(client, AclOperation.DESCRIBE_CONFIGS, AclResource.TOPIC, name);
}

/** The refusal of a request whose topics would have too many partitions together, or `null`. */
function refuseExcess(
  { settings }: Services,
  topics: readonly CreateTopicsRequestCreatableTopic[],
): Refusal | null {
  const { defaultPartitions, maxPartitionsPerRequest } = settings.topicLimits;
  let partitions = 0;
  for (const { assignments, numPartitions } of topics) {
    if (assignments.length > 0) partitions += assignments.length;
    else partitions += numPartitions === -1 ? defaultPartitions : Math.max(numPartitions, 0);
  }
  if (partitions <= maxPartitionsPerRequest) return null;
  return refuse(ErrorCode.POLICY_VIOLATION, "Excessively large number of partitions per request.");
}

async function create(
  services: Services,
  topic: CreateTopicsRequestCreatableTopic,
  validateOnly: boolean,
  call: Call,
): Promise<Result> {
  const { engine, settings } = services;
  const command = commandOf(topic);
  const id = engine.newTopicId();
  const decide = paid(
    call,
    STRICT_FROM,
    (state) => decideCreateTopic(state, command, settings.topicLimits, id),
  );
  if (validateOnly) {
    const decision = decide(engine.state);
    if ("error" in decision) return refused(topic.name, decision);
    return validated(services, topic, id, settings.topicLimits.defaultPartitions);
  }
  const refusal = await engine.execute(decide);
  if (refusal !== null) return refused(topic.name, refusal);
  const created = engine.state.topicById(id);
  return created === undefined
    ? validated(services, topic, id, settings.topicLimits.defaultPartitions)
    : succeeded(services, created);
}

function commandOf(topic: CreateTopicsRequestCreatableTopic): CreateTopicCommand {
  return {
    name: topic.name,
    partitions: topic.numPartitions,
    replicationFactor: topic.replicationFactor,
    assignments: topic.assignments.map(({ partitionIndex, brokerIds }) => ({
      partition: partitionIndex,
      replicas: brokerIds,
    })),
    configs: topic.configs,
  };
}

function refused(name: string, refusal: Refusal): Result {
  return { name, errorCode: refusal.error, errorMessage: refusal.message, configs: [] };
}

function succeeded(services: Services, topic: Topic): Result {
  return {
    name: topic.name,
    topicId: topic.id,
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    numPartitions: topic.partitions.length,
    replicationFactor: 1,
    configs: describe(services, topic.configs),
  };
}

/** What a topic that is only checked would become. Its id is given to nobody, as in Kafka. */
function validated(
  services: Services,
  topic: CreateTopicsRequestCreatableTopic,
  topicId: string,
  defaultPartitions: number,
): Result {
  const asked = topic.assignments.length > 0 ? topic.assignments.length : topic.numPartitions;
  return {
    name: topic.name,
    topicId,
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    numPartitions: asked === -1 ? defaultPartitions : asked,
    replicationFactor: 1,
    configs: describe(services, new Map(topic.configs.map(({ name, value }) => [name, value ?? ""]))),
  };
}

function describe(
  { engine, settings }: Services,
  own: ReadonlyMap<string, string>,
): CreateTopicsResponseCreatableTopicConfigsInput[] {
  return describeTopicConfigs(engine.state, own, settings.kafkaConfigs()).map(({ def, value, source }) => ({
    name: def.name,
    value: own.get(def.name) ?? value,
    readOnly: false,
    configSource: source,
    isSensitive: false,
  }));
}
