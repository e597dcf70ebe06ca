import type { Clock } from "../../io/clock.ts";
import { KliteError } from "../../base/klite_error.ts";
import type { ObjectContent, ObjectStore } from "../../io/object_store.ts";
import type { PartitionPlace } from "../contract.ts";
import { objectKey } from "../object_keys.ts";
import { putObject } from "../put_object.ts";
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

/** Others of the same offsets that may be in the way of one object: each is of a job that was cut short. */
const OTHERS_MAX = 100;

/**
 * Puts an object under a name that nobody has used, and answers its generation. What has the name that it should get may
 * be left by a job that was cut short, but also be live for a broker that has taken the cluster over meanwhile.
 */
export async function putAnew(
  { store, clusterId }: Pick<CompactTools, "store" | "clusterId">,
  partition: PartitionPlace,
  name: Pick<StoredObject, "baseOffset" | "endOffset" | "generation">,
  content: ObjectContent,
): Promise<number> {
  for (let { generation } = name;; generation++) {
    try {
      await putObject(store, objectKey(clusterId, partition, { ...name, generation }), content);
      return generation;
    } catch (error) {
      const isTaken = error instanceof KliteError && error.code === "CONFLICT";
      if (!isTaken || generation === name.generation + OTHERS_MAX) throw error;
    }
  }
}
