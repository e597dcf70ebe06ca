/**
 * DeleteRecords 0–2 (KIP-107). The versions differ in nothing but their encoding. One broker holds the only replica, so
 * the low watermark is the new start of the log at once, and there is nothing that a client's time limit would end.
 * Like any change it is answered when it is durable.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { decideDeleteRecords, refuse } from "../../cluster/mod.ts";
import { deleteRecordsRequest } from "../../protocol/generated/delete_records_request.ts";
import {
  deleteRecordsResponse,
  type DeleteRecordsResponseDeleteRecordsPartitionResultInput,
  type DeleteRecordsResponseInput,
} from "../../protocol/generated/delete_records_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnTopic } from "../rights.ts";
import { Pauses } from "../../engine/mod.ts";

type Result = DeleteRecordsResponseDeleteRecordsPartitionResultInput;

/** The low watermark of what could not be done. */
const NO_OFFSET = -1;

export const deleteRecords = defineApi({
  request: deleteRecordsRequest,
  response: deleteRecordsResponse,
  async handle(services, request, call): Promise<DeleteRecordsResponseInput> {
    // A partition that is named more than once counts as it was named last, as in Kafka.
    const asked = new Map<string, Map<number, number>>();
    for (const { name, partitions } of request.topics) {
      const offsets = asked.get(name) ?? new Map<number, number>();
      asked.set(name, offsets);
      for (const { partitionIndex, offset } of partitions) offsets.set(partitionIndex, offset);
    }
    const pauses = new Pauses(services.engine.clock);
    const topics = [];
    for (const [name, offsets] of asked) {
      const partitions: Result[] = [];
      for (const [partitionIndex, offset] of offsets) {
        await pauses.next();
        partitions.push(await deleteBelow(services, call, name, partitionIndex, offset));
      }
      if (partitions.length > 0) topics.push({ name, partitions });
    }
    return { throttleTimeMs: 0, topics };
  },
});

async function deleteBelow(
  services: Services,
  call: Call,
  name: string,
  partitionIndex: number,
  offset: number,
): Promise<Result> {
  const failed = (errorCode: number) => ({ partitionIndex, lowWatermark: NO_OFFSET, errorCode });
  if (!mayOnTopic(services, call, AclOperation.DELETE, name)) {
    return failed(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
  }
  const { engine } = services;
  const partition = engine.state.topic(name)?.partitions[partitionIndex];
  if (partition === undefined) return failed(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  const log = engine.log(partition);
  const refusal = await engine.execute(
    () =>
      engine.logs.find(partition.stream) === undefined
        ? refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "The topic is gone.")
        : decideDeleteRecords(partition, log, offset),
    undefined,
    // Where the log is full this is what makes room; but a client may ask for it record by record.
    { urgency: "within_bound" },
  );
  if (refusal !== null) return failed(refusal.error);
  return { partitionIndex, lowWatermark: log.logStartOffset, errorCode: ErrorCode.NONE };
}
