import { LogThreshold, type Telemetry } from "../telemetry.ts";

/** Of a process that nobody looks into. */
export function simTelemetry(): Telemetry {
  return {
    logThreshold: new LogThreshold("info"),
    tracer: null,
    processFigures: () =>
      Promise.resolve({
        residentBytes: 0,
        heapUsedBytes: 0,
        heapBytes: 0,
        externalBytes: 0,
        userCpuSeconds: 0,
        systemCpuSeconds: 0,
        startedMs: 0,
      }),
  };
}
