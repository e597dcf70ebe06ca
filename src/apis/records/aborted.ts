import type { AbortedTransaction } from "../../engine/mod.ts";
import { batchAt, BatchHeader, parseControlBatch } from "../../records/outside.ts";

/**
 * Of the aborted transactions with records below `endOffset` those that `batches`, which come from objects, still have
 * something of. Compaction takes a marker once all that it has aborted is gone; a client that was told of the
 * transaction all the same would skip what its producer has written since, waiting for that marker.
 */
export function withoutCleaned(
  aborted: readonly AbortedTransaction[],
  endOffset: number,
  batches: readonly Uint8Array[],
): readonly AbortedTransaction[] {
  if (aborted.every(({ markerOffset }) => markerOffset >= endOffset)) return aborted;
  const markers = markersIn(batches);
  return aborted.filter(({ markerOffset }) => markerOffset >= endOffset || markers.has(markerOffset));
}

/** Offsets of the ends of transactions. */
function markersIn(batches: readonly Uint8Array[]): Set<number> {
  const markers = new Set<number>();
  const header = new BatchHeader();
  for (const part of batches) {
    for (let at = 0, length = 0; at < part.length; at += length) {
      length = batchAt(part, at, part.length);
      if (length < 0) break;
      header.read(part, at);
      // Compaction may have left a batch without its record: that ends nothing for those who read it.
      if (header.isControl && parseControlBatch(part, at, header) !== null) markers.add(header.baseOffset);
    }
  }
  return markers;
}
