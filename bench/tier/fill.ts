import type { LoadResult } from "../load/job.ts";
import { runLoad } from "../load_process.ts";
import type { BatchSize } from "../scenarios/scenario.ts";
import type { Home } from "./site.ts";

const CONNECTIONS = 4;
const LOAD_MS_MAX = 120_000;

/** What a topic is to have. */
export interface Filling {
  readonly batch: BatchSize;
  readonly bytes: number;
  readonly partitions: number;
  readonly inFlight: number;
}

/** Writes it, as fast as it is taken, and reads it back. */
export async function fill(
  home: Home,
  topic: string,
  { batch, bytes, partitions, inFlight }: Filling,
): Promise<LoadResult> {
  return await runLoad({
    kind: "produce",
    topic,
    ...batch,
    inFlight,
    compression: null,
    connections: CONNECTIONS,
    partitions,
    busyPartitions: partitions,
    idlePartitions: 0,
    isIdempotent: false,
    bytesMax: bytes,
    warmupMs: 0,
    windowMs: LOAD_MS_MAX,
  }, home.target);
}
