/** Batches from the outside: headers, and batches that the broker makes itself. */
export * from "./batch.ts";
export {
  assembleBatch,
  type BatchFields,
  encodeRecords,
  type HeaderInput,
  type RecordInput,
  withTimestampDelta,
} from "./build.ts";
export {
  buildControlBatch,
  type ControlBatchFields,
  type ControlMark,
  EndMarker,
  parseControlBatch,
} from "./control.ts";
