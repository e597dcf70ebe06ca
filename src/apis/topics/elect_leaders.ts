/**
 * ElectLeaders 0–2 (KIP-183). 1 has unclean elections (KIP-460). The one replica of a partition leads it at all times,
 * so no election is ever needed.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { electLeadersRequest } from "../../protocol/generated/elect_leaders_request.ts";
import {
  electLeadersResponse,
  type ElectLeadersResponseInput,
} from "../../protocol/generated/elect_leaders_response.ts";
import { defineApi } from "../api.ts";

const ELECTION_TYPES: readonly number[] = [0, 1];

export const electLeaders = defineApi({
  request: electLeadersRequest,
  response: electLeadersResponse,
  handle({ engine }, { electionType, topicPartitions }, { version }): ElectLeadersResponseInput {
    if (version > 0 && !ELECTION_TYPES.includes(electionType)) {
      return { throttleTimeMs: 0, errorCode: ErrorCode.INVALID_REQUEST, replicaElectionResults: [] };
    }
    // Where all are asked for, those are told that one was needed for.
    const replicaElectionResults = (topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({
        partitionId,
        ...engine.state.topic(topic)?.partitions[partitionId] === undefined ? UNKNOWN : NOT_NEEDED,
      })),
    }));
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, replicaElectionResults };
  },
});

const UNKNOWN = {
  errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  errorMessage: "There is no such partition.",
};
const NOT_NEEDED = {
  errorCode: ErrorCode.ELECTION_NOT_NEEDED,
  errorMessage: "The partition is led by its preferred replica, which is the only one.",
};
