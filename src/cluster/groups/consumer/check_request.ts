import { ErrorCode } from "../../../base/error_codes.ts";
import { type Refusal, refuse } from "../../decision.ts";
import { AWAY } from "./consumer_member.ts";
import type { HeartbeatCommand } from "./decide_heartbeat.ts";
import type { ConsumerLimits } from "./limits.ts";

/** From here on clients make their members' ids. */
const CLIENT_IDS_FROM = 1;

/** Whether the request of this version is in form; `null` when it is. Checks and words are Kafka's. */
export function heartbeatProblem(
  command: HeartbeatCommand,
  version: number,
  limits: ConsumerLimits,
): Refusal | null {
  const { memberId, memberEpoch, instanceId, assignor } = command;
  const needsMemberId = version >= CLIENT_IDS_FROM || memberEpoch > 0 || memberEpoch === -1;
  const problem = (needsMemberId && isBlank(memberId) ? "MemberId can't be empty." : null) ??
    (isBlank(command.groupId) ? "GroupId can't be empty." : null) ??
    (instanceId !== null && isBlank(instanceId) ? "InstanceId can't be empty." : null) ??
    (command.rackId !== null && isBlank(command.rackId) ? "RackId can't be empty." : null) ??
    (memberEpoch === 0 ? joinProblem(command) : null) ??
    (memberEpoch === AWAY && instanceId === null ? "InstanceId can't be null." : null) ??
    (memberEpoch < AWAY ? "MemberEpoch is invalid." : null);
  if (problem !== null) return refuse(ErrorCode.INVALID_REQUEST, problem);
  if (assignor === null || limits.assignors.some(({ name }) => name === assignor)) return null;
  const supported = limits.assignors.map(({ name }) => name).join(", ");
  return refuse(
    ErrorCode.UNSUPPORTED_ASSIGNOR,
    `ServerAssignor ${assignor} is not supported. Supported assignors: ${supported}.`,
  );
}

function joinProblem({ rebalanceTimeoutMs, owned, topics, pattern }: HeartbeatCommand): string | null {
  if (rebalanceTimeoutMs === -1) return "RebalanceTimeoutMs must be provided in first request.";
  if (owned === null || owned.size > 0) return "TopicPartitions must be empty when (re-)joining.";
  if (topics === null && pattern === null) {
    return "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.";
  }
  return null;
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}
