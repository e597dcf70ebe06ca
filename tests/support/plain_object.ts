import type { StoredObject } from "../../src/objects/stored_object.ts";

/** A stored object of those offsets: of one batch, as it was flushed, unless `changes` say otherwise. */
export function plainObject(
  baseOffset: number,
  endOffset: number,
  changes: Partial<StoredObject> = {},
): StoredObject {
  return {
    baseOffset,
    endOffset,
    generation: 0,
    sizeBytes: 3,
    dataBytes: 1,
    batchCount: 1,
    maxTimestampMs: 0,
    isClean: false,
    deleteHorizonMs: -1,
    ...changes,
  };
}
