import { ErrorCode } from "../../base/error_codes.ts";
import type { ClusterState } from "../cluster_state.ts";
import { type Decision, refuse } from "../decision.ts";
import { refusePartitions, replicasProblem, type TopicLimits } from "./create_topic.ts";

export interface CreatePartitionsCommand {
  readonly name: string;
  /** The number of partitions that the topic shall have afterwards. */
  readonly totalCount: number;
  /** Replicas of each new partition when the client places them itself. */
  readonly assignments: readonly (readonly number[])[] | null;
}

/** Decides whether a topic grows (KIP-195). Partitions are never taken away. */
export function decideCreatePartitions(
  state: ClusterState,
  command: CreatePartitionsCommand,
  limits: TopicLimits,
): Decision {
  const topic = state.topic(command.name);
  if (topic === undefined) {
    return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition.");
  }
  const current = topic.partitions.length;
  if (command.totalCount === current) {
    return refuse(ErrorCode.INVALID_PARTITIONS, `Topic already has ${current} partition(s).`);
  }
  if (command.totalCount < current) {
    return refuse(
      ErrorCode.INVALID_PARTITIONS,
      `The topic ${topic.name} currently has ${current} partition(s); ${command.totalCount} would not be an increase.`,
    );
  }
  const added = command.totalCount - current;
  if (command.assignments !== null) {
    if (command.assignments.length !== added) {
      return refuse(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        `Attempted to add ${added} additional partition(s), but only ${command.assignments.length} assignment(s) were specified.`,
      );
    }
    for (const replicas of command.assignments) {
      const problem = replicasProblem(replicas, limits.nodeId);
      if (problem !== null) return refuse(ErrorCode.INVALID_REPLICA_ASSIGNMENT, problem);
    }
  }
  const tooMany = refusePartitions(state, added, limits);
  if (tooMany !== null) return tooMany;
  return {
    records: [{ type: "partitions_created", id: topic.id, firstStream: state.nextStream, count: added }],
  };
}
