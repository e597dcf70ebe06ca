/**
 * OffsetForLeaderEpoch 2–4 (KIP-101, KIP-320). 3 lets consumers ask, 4 is flexible.
 * Answers where an epoch ends, so that a client can tell whether its position is
 * still part of the log.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { offsetForLeaderEpochRequest } from "../../protocol/generated/offset_for_leader_epoch_request.ts";
import {
  offsetForLeaderEpochResponse,
  type OffsetForLeaderEpochResponseEpochEndOffsetInput,
  type OffsetForLeaderEpochResponseInput,
} from "../../protocol/generated/offset_for_leader_epoch_response.ts";
import { defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnTopic, mayQuietlyOnCluster } from "../rights.ts";
import { leaderEpochError } from "./leader_epoch.ts";

interface Asked {
  readonly partition: number;
  readonly currentLeaderEpoch: number;
  readonly leaderEpoch: number;
}

export const offsetForLeaderEpoch = defineApi({
  request: offsetForLeaderEpochRequest,
  response: offsetForLeaderEpochResponse,
  handle(services, request, call): OffsetForLeaderEpochResponseInput {
    // Brokers may ask of all topics.
    const seesAll = mayQuietlyOnCluster(services, call, AclOperation.CLUSTER_ACTION);
    return {
      topics: request.topics.map(({ topic, partitions }) => {
        const isSeen = seesAll || mayOnTopic(services, call, AclOperation.DESCRIBE, topic);
        return {
          topic,
          partitions: partitions.map((asked) => isSeen ? epochEnd(services, topic, asked) : hidden(asked)),
        };
      }),
    };
  },
});

function hidden({ partition }: Asked): OffsetForLeaderEpochResponseEpochEndOffsetInput {
  return { partition, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED };
}

function epochEnd(
  { engine }: Services,
  topic: string,
  asked: Asked,
): OffsetForLeaderEpochResponseEpochEndOffsetInput {
  const { partition: index, currentLeaderEpoch, leaderEpoch } = asked;
  const partition = engine.state.topic(topic)?.partitions[index];
  if (partition === undefined) return { partition: index, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
  const errorCode = leaderEpochError(currentLeaderEpoch, engine.state.leaderEpoch);
  if (errorCode !== ErrorCode.NONE) return { partition: index, errorCode };
  const log = engine.log(partition);
  const end = log.epochs.endOf(leaderEpoch, engine.state.leaderEpoch, log.highWatermark);
  return { partition: index, errorCode: ErrorCode.NONE, leaderEpoch: end.epoch, endOffset: end.endOffset };
}
