import { ErrorCode } from "../../base/error_codes.ts";
import type { ClusterState } from "../cluster_state.ts";
import { type Decision, refuse } from "../decision.ts";
import type { Topic } from "./topic.ts";

/** Decides whether the topic found by a request's name or id is deleted (KIP-516). */
export function decideDeleteTopic(state: ClusterState, asked: { name: string } | { id: string }): Decision {
  const topic: Topic | undefined = "name" in asked ? state.topic(asked.name) : state.topicById(asked.id);
  if (topic !== undefined) return { records: [{ type: "topic_deleted", id: topic.id }] };
  return "name" in asked
    ? refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition.")
    : refuse(ErrorCode.UNKNOWN_TOPIC_ID, "This server does not host this topic ID.");
}
