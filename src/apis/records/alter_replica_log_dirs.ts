/** AlterReplicaLogDirs 1–2 (KIP-113). There is one directory: a partition is there already, or cannot be moved. */
import { ErrorCode } from "../../base/error_codes.ts";
import { alterReplicaLogDirsRequest } from "../../protocol/generated/alter_replica_log_dirs_request.ts";
import {
  type AlterReplicaLogDirsResponse,
  alterReplicaLogDirsResponse,
  type AlterReplicaLogDirsResponseAlterReplicaLogDirPartitionResult,
} from "../../protocol/generated/alter_replica_log_dirs_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, mayOnCluster } from "../rights.ts";

type Result = AlterReplicaLogDirsResponseAlterReplicaLogDirPartitionResult;

export const alterReplicaLogDirs = defineApi({
  request: alterReplicaLogDirsRequest,
  response: alterReplicaLogDirsResponse,
  handle(services, { dirs }, call): AlterReplicaLogDirsResponse {
    const { engine, settings } = services;
    const isAllowed = mayOnCluster(services, call, AclOperation.ALTER);
    const own = settings.kafkaConfigs()["log.dirs"];
    const byTopic = new Map<string, Result[]>();
    for (const { path, topics } of dirs) {
      for (const { name, partitions } of topics) {
        if (partitions.length === 0) continue;
        const results = byTopic.get(name) ?? [];
        byTopic.set(name, results);
        for (const partitionIndex of partitions) {
          const exists = engine.state.topic(name)?.partitions[partitionIndex] !== undefined;
          const errorCode = !isAllowed
            ? ErrorCode.CLUSTER_AUTHORIZATION_FAILED
            : path !== own
            ? ErrorCode.LOG_DIR_NOT_FOUND
            : exists
            ? ErrorCode.NONE
            : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
          results.push({ partitionIndex, errorCode });
        }
      }
    }
    return {
      throttleTimeMs: 0,
      results: Array.from(byTopic, ([topicName, partitions]) => ({ topicName, partitions })),
    };
  },
});
