import { deepStrictEqual } from "node:assert/strict";
import { buildBatch } from "../../records/compress.ts";
import { assembleBatch, buildControlBatch, EndMarker } from "../../records/mod.ts";
import { withoutCleaned } from "./aborted.ts";

const END = { coordinatorEpoch: 0, producerId: 7, producerEpoch: 0, timestampMs: 1, leaderEpoch: 0 };

function abortAt(baseOffset: number): Uint8Array {
  return buildControlBatch({ ...END, marker: EndMarker.ABORT, baseOffset });
}

Deno.test("a client is told of aborted transactions whose markers it gets, or may get later, and of no others", () => {
  const value = new TextEncoder().encode("v");
  const data = buildBatch([{ value }], { baseOffset: 3, producerId: 7, isTransactional: true });
  const emptied = assembleBatch(new Uint8Array(0), {
    baseOffset: 20,
    lastOffsetDelta: 0,
    recordCount: 0,
    producerId: 7,
    isControl: true,
    isTransactional: true,
  });
  const batches = [new Uint8Array([...data, ...abortAt(5)]), emptied, abortAt(30)];
  const told = (markerOffsets: readonly number[], endOffset: number) => {
    const aborted = markerOffsets.map((markerOffset) => ({ producerId: 7, firstOffset: 0, markerOffset }));
    return withoutCleaned(aborted, endOffset, batches).map(({ markerOffset }) => markerOffset);
  };
  deepStrictEqual(told([5, 10, 20, 30, 31, 40], 31), [5, 30, 31, 40]);
  deepStrictEqual(told([5, 30], 31), [5, 30]);
  deepStrictEqual(told([31, 40], 31), [31, 40]);
  deepStrictEqual(told([10], 31), []);
});
