import type { LogLevel } from "./log_line.ts";

/** From which severity on log lines are written. Whoever holds it may change it while the broker runs. */
export class LogThreshold {
  level: LogLevel;

  constructor(level: LogLevel) {
    this.level = level;
  }
}

/** What the process takes of its machine. */
export interface ProcessFigures {
  /** Memory that is really there, and what of it is JavaScript's heap, used and reserved, and buffers beside it. */
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  /** Of all threads, since the start. */
  readonly userCpuSeconds: number;
  readonly systemCpuSeconds: number;
  /** Wall clock, ms since the epoch. */
  readonly startedMs: number;
}

/** Something with a beginning and an end that is worth to be seen from outside. */
export interface Span {
  /** Says more about it. */
  set(name: string, value: string | number): void;
  /** It is over; `problem` says why it came to nothing, if it did. */
  end(problem?: string): void;
}

/** Where spans go. */
export interface Tracer {
  /** A span that has begun now; `null` when this one is not wanted, as most are not of what happens often. */
  begin(name: string): Span | null;
}

/** How the process is looked into. */
export interface Telemetry {
  readonly logThreshold: LogThreshold;
  /** `null` unless tracing is switched on. */
  readonly tracer: Tracer | null;
  /** May load what it takes. */
  processFigures(): Promise<ProcessFigures>;
}
