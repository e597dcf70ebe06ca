import type { Clock } from "../../io/clock.ts";
import type { ObjectStore } from "../../io/object_store.ts";
import type { StoredObject } from "../stored_object.ts";

/** What compaction needs of the world. */
export interface CompactTools {
  readonly store: ObjectStore;
  readonly clusterId: string;
  readonly clock: Clock;
}

/** The generation of what these objects become. */
export function nextGeneration(objects: readonly StoredObject[]): number {
  return 1 + objects.reduce((newest, { generation }) => Math.max(newest, generation), 0);
}
