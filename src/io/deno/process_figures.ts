import type { ProcessFigures } from "../telemetry.ts";

/** The figures of this process. What counts the time of its threads is loaded when first asked for. */
export async function denoProcessFigures(): Promise<ProcessFigures> {
  const { cpuUsage } = (await import("node:process")).default;
  const { rss, heapUsed, heapTotal, external } = Deno.memoryUsage();
  const { user, system } = cpuUsage();
  return {
    residentBytes: rss,
    heapUsedBytes: heapUsed,
    heapBytes: heapTotal,
    externalBytes: external,
    userCpuSeconds: user / 1e6,
    systemCpuSeconds: system / 1e6,
    startedMs: performance.timeOrigin,
  };
}
