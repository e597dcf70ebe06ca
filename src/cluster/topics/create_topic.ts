import { ErrorCode } from "../../base/error_codes.ts";
import type { ClusterState } from "../cluster_state.ts";
import { charsOf } from "../configs/set_configs.ts";
import { conflictingConfigs, topicConfigProblem, topicValue } from "../configs/topic_configs.ts";
import { type Decision, refuse } from "../decision.ts";
import { topicNameProblem } from "./topic_name.ts";

/** What a client asks for; -1 means "the broker's default", as on the wire. */
export interface CreateTopicCommand {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Replicas by partition when the client places them itself. */
  readonly assignments: readonly { readonly partition: number; readonly replicas: readonly number[] }[];
  readonly configs: readonly { readonly name: string; readonly value: string | null }[];
}

/** What the broker allows and takes for granted when partitions are made. */
export interface TopicLimits {
  readonly nodeId: number;
  readonly defaultPartitions: number;
  /** Most partitions that one request may make, or add to one topic. Kafka's own bound is 10,000. */
  readonly maxPartitionsPerRequest: number;
  /** Most partitions in all: each costs a few hundred bytes of memory. */
  readonly maxPartitions: number;
}

/**
 * Decides whether a topic is created (KIP-4, KIP-464). `id` is the topic id to
 * give it. One broker holds one replica, so any other replication factor is
 * refused with the error that a one-node Kafka gives.
 */
export function decideCreateTopic(
  state: ClusterState,
  command: CreateTopicCommand,
  limits: TopicLimits,
  id: string,
): Decision {
  const nameProblem = topicNameProblem(command.name);
  if (nameProblem !== null) {
    return refuse(ErrorCode.INVALID_TOPIC_EXCEPTION, `Topic name is invalid: ${nameProblem}`);
  }
  if (state.topic(command.name) !== undefined) {
    return refuse(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${command.name}' already exists.`);
  }
  const colliding = state.collidingTopic(command.name);
  if (colliding !== undefined) {
    return refuse(
      ErrorCode.INVALID_TOPIC_EXCEPTION,
      `Topic '${command.name}' collides with existing topic: ${colliding.name}`,
    );
  }

  const configs: Record<string, string> = {};
  for (const { name, value } of command.configs) {
    const problem = topicConfigProblem(name, value);
    if (problem !== null || value === null) return refuse(ErrorCode.INVALID_CONFIG, problem ?? "");
    configs[name] = value;
  }
  const own = new Map(Object.entries(configs));
  const conflict = conflictingConfigs((name) => topicValue(name, own, state.configs.brokerValue));
  if (conflict !== null) return refuse(ErrorCode.INVALID_CONFIG, conflict);
  if (!state.configs.hasRoomFor(charsOf(command.name, own))) {
    return refuse(ErrorCode.POLICY_VIOLATION, "All configs together take too much memory.");
  }

  const counted = command.assignments.length > 0
    ? countAssigned(command, limits)
    : countAsked(command, limits);
  if ("error" in counted) return counted;
  const room = refusePartitions(state, counted.partitions, limits);
  if (room !== null) return room;

  return {
    records: [{
      type: "topic_created",
      name: command.name,
      id,
      firstStream: state.nextStream,
      partitions: counted.partitions,
      configs,
    }],
  };
}

type Counted = { readonly partitions: number } | ReturnType<typeof refuse>;

function countAsked(command: CreateTopicCommand, limits: TopicLimits): Counted {
  if (command.replicationFactor < -1 || command.replicationFactor === 0) {
    return refuse(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      "Replication factor must be larger than 0, or -1 to use the default value.",
    );
  }
  if (command.partitions < -1 || command.partitions === 0) {
    return refuse(
      ErrorCode.INVALID_PARTITIONS,
      "Number of partitions must be larger than 0, or -1 to use the default value.",
    );
  }
  if (command.replicationFactor > 1) {
    return refuse(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      `Replication factor ${command.replicationFactor} cannot be reached: klite is one broker. Use 1, or -1.`,
    );
  }
  return { partitions: command.partitions === -1 ? limits.defaultPartitions : command.partitions };
}

function countAssigned(command: CreateTopicCommand, limits: TopicLimits): Counted {
  if (command.replicationFactor !== -1) {
    return refuse(
      ErrorCode.INVALID_REQUEST,
      "A manual partition assignment was specified, but replication factor was not set to -1.",
    );
  }
  if (command.partitions !== -1) {
    return refuse(
      ErrorCode.INVALID_REQUEST,
      "A manual partition assignment was specified, but numPartitions was not set to -1.",
    );
  }
  const seen = new Set<number>();
  for (const { partition, replicas } of command.assignments) {
    if (seen.has(partition)) {
      return refuse(ErrorCode.INVALID_REPLICA_ASSIGNMENT, `Partition ${partition} is assigned twice.`);
    }
    seen.add(partition);
    const problem = replicasProblem(replicas, limits.nodeId);
    if (problem !== null) return refuse(ErrorCode.INVALID_REPLICA_ASSIGNMENT, problem);
  }
  for (let i = 0; i < seen.size; i++) {
    if (!seen.has(i)) {
      return refuse(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        "partitions should be a consecutive 0-based integer sequence",
      );
    }
  }
  return { partitions: seen.size };
}

/** Why a replica list that a client chose is not this one broker, or `null`. */
export function replicasProblem(replicas: readonly number[], nodeId: number): string | null {
  if (replicas.length === 0) return "The manual partition assignment includes an empty replica list.";
  const foreign = replicas.find((replica) => replica !== nodeId);
  if (foreign !== undefined) {
    return `The manual partition assignment includes broker ${foreign}, but no such broker is registered.`;
  }
  if (replicas.length > 1) {
    return `The manual partition assignment includes the broker ${nodeId} more than once.`;
  }
  return null;
}

/** The refusal when `count` more partitions are too many, or `null`. */
export function refusePartitions(
  state: ClusterState,
  count: number,
  limits: TopicLimits,
): ReturnType<typeof refuse> | null {
  if (count > limits.maxPartitionsPerRequest) {
    return refuse(
      ErrorCode.POLICY_VIOLATION,
      `Excessively large number of partitions per request: at most ${limits.maxPartitionsPerRequest}.`,
    );
  }
  if (state.partitionCount + count > limits.maxPartitions) {
    return refuse(
      ErrorCode.POLICY_VIOLATION,
      `This broker holds ${state.partitionCount} partitions; ${count} more exceed its limit of ${limits.maxPartitions}.`,
    );
  }
  return null;
}
