import { LogThreshold, type ProcessFigures, type Telemetry } from "../telemetry.ts";
import { runtimeTracer } from "./tracing.ts";

/** How this process is looked into. What that takes is loaded when it is asked for. */
export class DenoTelemetry implements Telemetry {
  readonly logThreshold = new LogThreshold("info");
  readonly tracer = runtimeTracer(() => performance.now());

  async processFigures(): Promise<ProcessFigures> {
    const { denoProcessFigures } = await import("./process_figures.ts");
    return await denoProcessFigures();
  }
}
