/**
 * WriteTxnMarkers 1–2. Among Kafka's brokers it ends transactions; here it is for
 * operators alone (`kafka-transactions abort`), for a transaction that hangs in a
 * partition. 2 says which version of transactions the marker is of (KIP-1228).
 *
 * It changes nothing of what is known of the transaction as a whole.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import type { EndMark } from "../../cluster/mod.ts";
import type { Engine } from "../../engine/mod.ts";
import {
  writeTxnMarkersRequest,
  type WriteTxnMarkersRequestWritableTxnMarker,
} from "../../protocol/generated/write_txn_markers_request.ts";
import {
  writeTxnMarkersResponse,
  type WriteTxnMarkersResponseInput,
} from "../../protocol/generated/write_txn_markers_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, mayOnCluster, mayQuietlyOnCluster } from "../rights.ts";
import { Pauses } from "../../engine/mod.ts";

/** The version of transactions that ends each with a new epoch. */
const BUMPS_EPOCH_FROM = 2;

export const writeTxnMarkers = defineApi({
  request: writeTxnMarkersRequest,
  response: writeTxnMarkersResponse,
  async handle(services, request, call): Promise<WriteTxnMarkersResponseInput> {
    const { engine } = services;
    const isAllowed = mayQuietlyOnCluster(services, call, AclOperation.ALTER) ||
      mayOnCluster(services, call, AclOperation.CLUSTER_ACTION);
    const markers = [];
    const pauses = new Pauses(engine.clock);
    for (const marker of request.markers) {
      const topics = [];
      for (const { name, partitionIndexes } of marker.topics) {
        const partitions = [];
        for (const partitionIndex of partitionIndexes) {
          await pauses.next();
          const errorCode = isAllowed
            ? await writeMark(engine, marker, name, partitionIndex)
            : ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
          partitions.push({ partitionIndex, errorCode });
        }
        topics.push({ name, partitions });
      }
      markers.push({ producerId: marker.producerId, topics });
    }
    return { markers };
  },
});

async function writeMark(
  engine: Engine,
  marker: WriteTxnMarkersRequestWritableTxnMarker,
  topic: string,
  index: number,
): Promise<number> {
  const partition = engine.state.topic(topic)?.partitions[index];
  if (partition === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  const { producerId, producerEpoch, coordinatorEpoch, transactionResult: isCommit } = marker;
  const mark: EndMark = { stream: partition.stream, producerId, producerEpoch, coordinatorEpoch, isCommit };
  const refusal = await engine.transactions.writeMark(mark, marker.transactionVersion >= BUMPS_EPOCH_FROM);
  return refusal?.error ?? ErrorCode.NONE;
}
