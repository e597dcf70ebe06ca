import type { Histogram } from "../base/histogram.ts";
import type { Audit, Engine, QuotaGate } from "../engine/mod.ts";
import type { Clock } from "../io/clock.ts";
import type { ProcessFigures } from "../io/telemetry.ts";
import type { EventFigures } from "./event_figures.ts";

/** What is counted of the requests of one API. */
export interface RequestCounts {
  readonly api: string;
  readonly requests: number;
  readonly seconds: Histogram;
  /** By Kafka's error code. */
  readonly errors: ReadonlyMap<number, number>;
}

/** What is counted of connections. */
export interface NetworkCounts {
  readonly connections: number;
  readonly accepted: number;
  readonly refused: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly requestMemoryBytes: number;
  readonly waitingForMemory: number;
  readonly unsentBytes: number;
  readonly unauthenticated: number;
  /** `null` where nobody has to authenticate. */
  readonly authentications: {
    readonly succeeded: number;
    readonly failed: number;
    readonly repeated: number;
    readonly repeatsFailed: number;
  } | null;
  readonly closed: Readonly<Record<string, number>>;
}

/** A broker that serves, as metrics see it. */
export interface ServingBroker {
  readonly engine: Engine;
  readonly clusterId: string;
  readonly nodeId: number;
  /** The log's bound on disk; 0 for none. */
  readonly logBytesMax: number;
  readonly quotas: Pick<QuotaGate, "figures">;
  readonly audit: Pick<Audit, "deniedCount">;
  network(): NetworkCounts;
  requests(): Iterable<RequestCounts>;
}

/** All that metrics are made of. */
export interface Observed {
  readonly clock: Clock;
  readonly events: EventFigures;
  /** `null` before clients are served and when they are not any more. */
  readonly serving: ServingBroker | null;
  processFigures(): Promise<ProcessFigures>;
}
