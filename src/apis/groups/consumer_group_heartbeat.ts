/**
 * ConsumerGroupHeartbeat 0–1 (KIP-848): joining, staying in and leaving groups of
 * the consumer protocol. 1 adds subscriptions by regular expression, and members
 * make their own ids. Nothing waits: what a member is to do comes with its next heartbeat.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { groupsOf } from "../../engine/groups/mod.ts";
import type { Assignment, HeartbeatReply } from "../../cluster/mod.ts";
import { heartbeatProblem } from "../../cluster/groups/mod.ts";
import {
  type ConsumerGroupHeartbeatRequest,
  consumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatRequestTopicPartitions,
} from "../../protocol/generated/consumer_group_heartbeat_request.ts";
import {
  consumerGroupHeartbeatResponse,
  type ConsumerGroupHeartbeatResponseInput,
} from "../../protocol/generated/consumer_group_heartbeat_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnGroup, mayOnTopic, seesTopic } from "../rights.ts";

export const consumerGroupHeartbeat = defineApi({
  request: consumerGroupHeartbeatRequest,
  response: consumerGroupHeartbeatResponse,
  async handle(services, request, call): Promise<ConsumerGroupHeartbeatResponseInput> {
    const refusal = refuse(services, request, call);
    if (refusal !== ErrorCode.NONE) return toResponse({ error: refusal, message: "" });
    const groups = groupsOf(services.engine).consumer;
    const command = toCommand(request, call);
    const problem = heartbeatProblem(command, call.version, groups.limits);
    return toResponse(
      problem ?? await groups.heartbeat(command, (topic) => seesTopic(services, call, topic)),
    );
  },
});

function refuse(
  services: Services,
  { groupId, subscribedTopicNames }: ConsumerGroupHeartbeatRequest,
  call: Call,
): number {
  if (!mayOnGroup(services, call, AclOperation.READ, groupId)) return ErrorCode.GROUP_AUTHORIZATION_FAILED;
  // Members are told of topics by their assignments.
  const isRefused = (name: string) => !mayOnTopic(services, call, AclOperation.DESCRIBE, name);
  return subscribedTopicNames?.some(isRefused) ? ErrorCode.TOPIC_AUTHORIZATION_FAILED : ErrorCode.NONE;
}

function toCommand(request: ConsumerGroupHeartbeatRequest, { clientId, client }: Call) {
  const { groupId, memberId, memberEpoch, instanceId, rackId, rebalanceTimeoutMs } = request;
  return {
    groupId,
    memberId,
    memberEpoch,
    instanceId,
    rackId,
    rebalanceTimeoutMs,
    topics: request.subscribedTopicNames,
    pattern: request.subscribedTopicRegex,
    assignor: request.serverAssignor,
    owned: request.topicPartitions === null ? null : toAssignment(request.topicPartitions),
    clientId: clientId ?? "",
    clientHost: `/${client.remote.host}`,
  };
}

/** A topic may be named twice. */
function toAssignment(topics: readonly ConsumerGroupHeartbeatRequestTopicPartitions[]): Assignment {
  const assignment = new Map<string, number[]>();
  for (const { topicId, partitions } of topics) {
    const before = assignment.get(topicId);
    if (before === undefined) assignment.set(topicId, [...partitions]);
    else for (const partition of partitions) before.push(partition);
  }
  return assignment;
}

type Answer = HeartbeatReply | { readonly error: number; readonly message: string };

function toResponse(answer: Answer): ConsumerGroupHeartbeatResponseInput {
  if ("error" in answer) {
    return {
      throttleTimeMs: 0,
      errorCode: answer.error,
      errorMessage: answer.message,
      memberEpoch: 0,
      heartbeatIntervalMs: 0,
    };
  }
  const { memberId, memberEpoch, heartbeatIntervalMs, assignment } = answer;
  return {
    throttleTimeMs: 0,
    errorCode: 0,
    memberId,
    memberEpoch,
    heartbeatIntervalMs,
    assignment: assignment === null ? null : {
      topicPartitions: Array.from(assignment, ([topicId, partitions]) => ({ topicId, partitions })),
    },
  };
}
