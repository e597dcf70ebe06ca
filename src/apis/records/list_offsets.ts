/**
 * ListOffsets 1–11. 2 adds the isolation level (the end is then where the first open transaction begins), 4 leader epochs, 7 the offset of
 * the largest timestamp (KIP-734), 8 the earliest local and 9 the latest tiered
 * offset (KIP-405), 10 a time limit (KIP-1075), 11 the earliest offset that waits
 * to be tiered (KIP-1023). Records are not tiered in Kafka's sense: all of them
 * are local, none is tiered.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { OffsetLookup } from "../../engine/records/mod.ts";
import { listOffsetsRequest } from "../../protocol/generated/list_offsets_request.ts";
import {
  listOffsetsResponse,
  type ListOffsetsResponseInput,
  type ListOffsetsResponseListOffsetsPartitionResponseInput,
} from "../../protocol/generated/list_offsets_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnTopic } from "../rights.ts";
import { Pauses } from "../../engine/mod.ts";
import { errorOfRead } from "./cold_reads.ts";
import { leaderEpochError } from "./leader_epoch.ts";

type Result = ListOffsetsResponseListOffsetsPartitionResponseInput;
interface Asked {
  readonly partitionIndex: number;
  readonly currentLeaderEpoch: number;
  readonly timestamp: number;
}

/** Timestamps that are none, and the version from which they mean something. */
const Special = {
  LATEST: -1,
  EARLIEST: -2,
  MAX_TIMESTAMP: -3,
  EARLIEST_LOCAL: -4,
  LATEST_TIERED: -5,
  EARLIEST_PENDING_UPLOAD: -6,
} as const;
/** The isolation level of readers that do not want to see what is not committed. */
const READ_COMMITTED = 1;
const MAX_TIMESTAMP_FROM = 7;
const EARLIEST_LOCAL_FROM = 8;
const LATEST_TIERED_FROM = 9;
const EARLIEST_PENDING_UPLOAD_FROM = 11;

const NONE: Omit<Result, "partitionIndex"> = { errorCode: ErrorCode.NONE, timestamp: -1, offset: -1 };

export const listOffsets = defineApi({
  request: listOffsetsRequest,
  response: listOffsetsResponse,
  async handle(services, request, call): Promise<ListOffsetsResponseInput> {
    const asked = byTopic(request.topics);
    const pauses = new Pauses(services.engine.clock);
    const topics = [];
    for (const { name } of request.topics) {
      const partitions = asked.get(name);
      // A topic that is named more than once was answered as a whole.
      if (partitions === undefined) continue;
      asked.delete(name);
      const isSeen = mayOnTopic(services, call, AclOperation.DESCRIBE, name);
      const results: Result[] = [];
      for (const [partitionIndex, once] of partitions) {
        await pauses.next();
        const result = !isSeen
          ? { errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }
          : once === "twice"
          ? { errorCode: ErrorCode.INVALID_REQUEST }
          : await lookUp(services, name, once, call, request.isolationLevel === READ_COMMITTED);
        results.push({ partitionIndex, ...result });
      }
      topics.push({ name, partitions: results });
    }
    return { topics };
  },
});

/** What is asked for of each partition, in the order of the request; a partition may be asked for once. */
function byTopic(
  topics: readonly { readonly name: string; readonly partitions: readonly Asked[] }[],
): Map<string, Map<number, Asked | "twice">> {
  const asked = new Map<string, Map<number, Asked | "twice">>();
  for (const { name, partitions } of topics) {
    let ofTopic = asked.get(name);
    if (ofTopic === undefined) asked.set(name, ofTopic = new Map());
    for (const partition of partitions) {
      const { partitionIndex } = partition;
      ofTopic.set(partitionIndex, ofTopic.has(partitionIndex) ? "twice" : partition);
    }
  }
  return asked;
}

async function lookUp(
  { engine }: Services,
  topic: string,
  asked: Asked,
  { version }: Call,
  isReadCommitted: boolean,
): Promise<Omit<Result, "partitionIndex">> {
  const partition = engine.state.topic(topic)?.partitions[asked.partitionIndex];
  if (partition === undefined) return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
  const epoch = engine.state.leaderEpoch;
  const errorCode = leaderEpochError(asked.currentLeaderEpoch, epoch);
  if (errorCode !== ErrorCode.NONE) return { errorCode };

  const log = engine.log(partition);
  const endOffset = log.readableEnd(isReadCommitted);
  const lookup = new OffsetLookup(engine.reader, log, endOffset);
  // Before version 4 a response has no room for the epoch.
  const at = (offset: number, leaderEpoch: number, timestamp = -1) => ({
    errorCode: ErrorCode.NONE,
    offset,
    timestamp,
    ...(version >= 4 && { leaderEpoch }),
  });
  const isEmpty = log.logStartOffset === log.logEndOffset;
  const earliest = () => at(log.logStartOffset, isEmpty ? epoch : log.epochs.epochAt(log.logStartOffset));
  const needs = (first: number, answer: () => Omit<Result, "partitionIndex">) =>
    version >= first ? answer() : { errorCode: ErrorCode.UNSUPPORTED_VERSION };

  switch (asked.timestamp) {
    case Special.LATEST:
      return at(endOffset, epoch);
    case Special.EARLIEST:
      return earliest();
    case Special.EARLIEST_LOCAL:
      return needs(EARLIEST_LOCAL_FROM, earliest);
    case Special.LATEST_TIERED:
      return needs(LATEST_TIERED_FROM, () => NONE);
    case Special.EARLIEST_PENDING_UPLOAD:
      return needs(EARLIEST_PENDING_UPLOAD_FROM, () => NONE);
  }
  if (asked.timestamp === Special.MAX_TIMESTAMP && version < MAX_TIMESTAMP_FROM) {
    return { errorCode: ErrorCode.UNSUPPORTED_VERSION };
  }
  if (asked.timestamp < Special.MAX_TIMESTAMP) return { errorCode: ErrorCode.UNSUPPORTED_VERSION };
  const found = await byTime(lookup, asked.timestamp);
  if (typeof found === "number") return { errorCode: found };
  if (found === "unreadable") return { errorCode: ErrorCode.CORRUPT_MESSAGE };
  return found === null ? NONE : at(found.offset, log.epochs.epochAt(found.offset), found.timestampMs);
}

/** What there is, or the Kafka error that says why nobody can know. */
async function byTime(lookup: OffsetLookup, timestampMs: number) {
  try {
    return timestampMs === Special.MAX_TIMESTAMP
      ? await lookup.maxTimestamp()
      : await lookup.firstSince(timestampMs);
  } catch (error) {
    return errorOfRead(error);
  }
}
