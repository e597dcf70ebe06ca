import type { Target } from "../load/job.ts";

/** A broker that the bench can start, load and stop. */
export interface System {
  /** Short, for options, columns and JSON. */
  readonly name: string;
  /** One line for people: what it is and how it is set up. */
  readonly title: string;
  /** Whether its start is worth timing: no when another system starts the same way. */
  readonly measuresStart: boolean;
  /** It copies records elsewhere later, which would burden the next scenarios: their topics have to be deleted before. */
  readonly copiesLater?: true;
  /** The version, as reports show it. */
  version(): Promise<string>;
  /** Starts it on fresh data. Throws with its last words when it does not come up. */
  start(): Promise<RunningSystem>;
  /** The same as its users have it, where {@link start} is something else: its start and its memory at rest count. */
  readonly asInstalled?: System;
}

/** A started broker that has answered its first request. */
export interface RunningSystem {
  readonly target: Target;
  /** From the start of its process to the first answered ApiVersions request. */
  readonly startMs: number;
  /** Null while it runs, else how it ended. */
  readonly endedWith: string | null;
  /** Resident memory now, of all its processes. */
  residentBytes(): number;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}
