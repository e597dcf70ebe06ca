import assert from "node:assert/strict";
import { betterLimits } from "./limits.ts";

const SYNC = { count: 1, p50Ms: 1, p99Ms: 1, p999Ms: 1, maxMs: 1, curveMs: [] };
const SHAPE = { requestBytes: 1, answerBytes: 2, connections: 3, inFlight: 4, isDurable: false };

Deno.test("of repeated limits the better of each is kept, a disk's latencies with its rate, and the cheaper exchange", () => {
  const first = {
    socketMegabytesPerSecond: 10,
    crc32c: [{ bytes: 64, megabytesPerSecond: 5 }, { bytes: 128, megabytesPerSecond: 6 }],
    disk: [{ writeBytes: 4096, blocks: "allocated" as const, megabytesPerSecond: 1, sync: SYNC }],
    exchanges: [{ ...SHAPE, perSecond: 1, cpuMicros: 8 }, { ...SHAPE, perSecond: 1, cpuMicros: 7 }],
  };
  const slowSync = { ...SYNC, p50Ms: 2 };
  const second = {
    socketMegabytesPerSecond: 9,
    crc32c: [{ bytes: 64, megabytesPerSecond: 7 }, { bytes: 128, megabytesPerSecond: 4 }],
    disk: [{ writeBytes: 4096, blocks: "allocated" as const, megabytesPerSecond: 2, sync: slowSync }],
    exchanges: [{ ...SHAPE, perSecond: 2, cpuMicros: 6 }, { ...SHAPE, perSecond: 2, cpuMicros: 9 }],
  };
  assert.deepEqual(betterLimits(first, second), {
    socketMegabytesPerSecond: 10,
    crc32c: [{ bytes: 64, megabytesPerSecond: 7 }, { bytes: 128, megabytesPerSecond: 6 }],
    disk: [{ writeBytes: 4096, blocks: "allocated" as const, megabytesPerSecond: 2, sync: slowSync }],
    exchanges: [{ ...SHAPE, perSecond: 2, cpuMicros: 6 }, { ...SHAPE, perSecond: 1, cpuMicros: 7 }],
  });
});
