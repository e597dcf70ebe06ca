/**
 * DescribeLogDirs 1–5 (KIP-113). 3 tells an error of all (KIP-784), 4 how much room there is (KIP-827), 5 whether new
 * partitions are kept out (KIP-1066). There is one directory, the data directory. A partition's size is that of its
 * records, in the log and in objects, wherever these are. How much room the disk has is not told.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import type { Topic } from "../../cluster/mod.ts";
import { Pauses } from "../../engine/mod.ts";
import { describeLogDirsRequest } from "../../protocol/generated/describe_log_dirs_request.ts";
import {
  describeLogDirsResponse,
  type DescribeLogDirsResponseDescribeLogDirsTopicInput,
  type DescribeLogDirsResponseInput,
} from "../../protocol/generated/describe_log_dirs_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, mayOnCluster } from "../rights.ts";

/** From here on there is a field for an error of all; before, nothing is told. */
const ERROR_FROM = 3;

export const describeLogDirs = defineApi({
  request: describeLogDirsRequest,
  response: describeLogDirsResponse,
  async handle(services, request, call): Promise<DescribeLogDirsResponseInput> {
    if (!mayOnCluster(services, call, AclOperation.DESCRIBE)) {
      const errorCode = ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
      return { throttleTimeMs: 0, ...(call.version >= ERROR_FROM && { errorCode }), results: [] };
    }
    const { engine, settings } = services;
    await call.client.answerTurn();
    const { state } = engine;
    const asked = request.topics === null
      ? new Map(Array.from(state.topics(), (topic) => [topic, null]))
      : askedFor(request.topics, (name) => state.topic(name));
    const pauses = new Pauses(engine.clock);
    const topics: DescribeLogDirsResponseDescribeLogDirsTopicInput[] = [];
    for (const [topic, indexes] of asked) {
      await pauses.next();
      if (state.topicById(topic.id) !== topic) continue;
      const partitions = topic.partitions.filter(({ index }) => indexes === null || indexes.has(index));
      if (partitions.length === 0) continue;
      topics.push({
        name: topic.name,
        partitions: partitions.map((partition) => ({
          partitionIndex: partition.index,
          partitionSize: engine.log(partition).sizeBytes,
          offsetLag: 0,
          isFutureKey: false,
        })),
      });
    }
    const logDir = settings.kafkaConfigs()["log.dirs"] ?? "";
    return { throttleTimeMs: 0, results: [{ errorCode: ErrorCode.NONE, logDir, topics }] };
  },
});

/** Topics that there are, and which of their partitions. */
function askedFor(
  topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
  find: (name: string) => Topic | undefined,
): Map<Topic, Set<number>> {
  const asked = new Map<Topic, Set<number>>();
  for (const { topic: name, partitions } of topics) {
    const topic = find(name);
    if (topic === undefined) continue;
    const indexes = asked.get(topic) ?? new Set();
    asked.set(topic, indexes);
    for (const index of partitions) indexes.add(index);
  }
  return asked;
}
