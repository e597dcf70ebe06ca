import type { ErrorCode } from "../../src/base/error_codes.ts";
import { HOUR_MS } from "./batch_parts.ts";

/** One kind of records field. */
export interface BatchKind {
  /** What is wrong or odd, in words; no two kinds share them. */
  readonly name: string;
  /** Apache Kafka's answer. */
  readonly errorCode: ErrorCode;
  /** The partition's records field as sent at `nowMs`. */
  readonly records: (nowMs: number) => Uint8Array | null;
  /** Configs of the topic that the answer depends on; none for the defaults. */
  readonly topicConfigs: Readonly<Record<string, string>>;
  /** Version of the Produce request. */
  readonly produceVersion: number;
  /** Whether the fault can only be seen by decompressing the records. */
  readonly isInsideCompressed: boolean;
}

/** What a kind has that most have not. */
export type Condition = Partial<Omit<BatchKind, "name" | "errorCode" | "records">>;

export const BOUNDED_TIME: Condition = {
  topicConfigs: {
    "message.timestamp.before.max.ms": `${HOUR_MS}`,
    "message.timestamp.after.max.ms": `${HOUR_MS}`,
  },
};
export const COMPACTED: Condition = { topicConfigs: { "cleanup.policy": "compact" } };
export const BROKER_TIME: Condition = { topicConfigs: { "message.timestamp.type": "LogAppendTime" } };
export const SMALL: Condition = { topicConfigs: { "max.message.bytes": "1000" } };
export const INSIDE: Condition = { isInsideCompressed: true };

/** A kind of Produce version 9, to a topic with the default configs, unless `conditions` say otherwise. */
export function kind(
  name: string,
  errorCode: ErrorCode,
  records: BatchKind["records"],
  ...conditions: readonly Condition[]
): BatchKind {
  const defaults = { topicConfigs: {}, produceVersion: 9, isInsideCompressed: false };
  return Object.assign({ name, errorCode, records, ...defaults }, ...conditions);
}
