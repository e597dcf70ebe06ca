import { LogThreshold, type ProcessFigures, type Telemetry, type Tracer } from "../telemetry.ts";

/** How this process is looked into. What that takes is loaded when it is asked for. */
export class DenoTelemetry implements Telemetry {
  readonly logThreshold = new LogThreshold("info");
  #tracer: Tracer | null = null;

  get tracer(): Tracer | null {
    return this.#tracer;
  }

  async processFigures(): Promise<ProcessFigures> {
    const { denoProcessFigures } = await import("./process_figures.ts");
    return await denoProcessFigures();
  }
}
