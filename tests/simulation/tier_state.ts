/** What is compared of a broker with objects: its state, and what its metadata says of the store. */
import assert from "node:assert/strict";
import type { Engine } from "../../src/engine/mod.ts";
import { objectKey, parseObjectKey } from "../../src/objects/object_keys.ts";

/** All that a restart must bring back, without what each life says anew. */
export function stateOf(engine: Engine): unknown {
  const logs = [...engine.logs].map((log) => ({
    ...log.snapshot(),
    // When it was last heard of, each life says anew.
    producers: log.snapshot().producers.map((producer) => ({ ...producer, lastSeenMs: 0 })),
    sizeBytes: log.sizeBytes,
    unstoredBytes: log.unstoredBytes,
  }));
  const cluster = engine.state.snapshot();
  const transactions = cluster.transactions.map((each) => ({ ...each, startMs: 0, updatedMs: 0 }));
  return structuredClone({ cluster: { ...cluster, transactions }, logs });
}

/** The sizes of the objects that the metadata names, in bytes, by key. */
export function liveObjects(clusterId: string, engine: Engine): Map<string, number> {
  const live = new Map<string, number>();
  for (const log of engine.logs) {
    for (const object of log.objects) {
      live.set(objectKey(clusterId, log.place, object), object.sizeBytes);
    }
  }
  return live;
}

/** What a compaction that was cut short has left stays until that is done again: it replaces it then. */
export function isRedone(clusterId: string, engine: Engine, key: string): boolean {
  const parsed = parseObjectKey(clusterId, key);
  assert.ok(parsed !== null);
  const { partition, name } = parsed;
  const place = engine.state.topicById(partition.topicId)
    ?.partitions[partition.index];
  if (place === undefined || name.endOffset === null) return false;
  const { objects } = engine.log(place);
  return [...objects].some((object) =>
    object.endOffset > name.baseOffset && object.baseOffset < name.endOffset! &&
    object.generation < name.generation
  );
}
