import type { DiskLimit, ExchangeLimit, LimitsResult } from "../load/job.ts";

/** Of two measurements of the machine's limits the better of each: what disturbs it can only take away. */
export function betterLimits(first: LimitsResult, second: LimitsResult): LimitsResult {
  return {
    socketMegabytesPerSecond: Math.max(first.socketMegabytesPerSecond, second.socketMegabytesPerSecond),
    crc32c: first.crc32c.map((limit) => {
      return faster(limit, second.crc32c.find(({ bytes }) => bytes === limit.bytes));
    }),
    disk: first.disk.map((limit): DiskLimit => {
      const { writeBytes, blocks } = limit;
      return faster(
        limit,
        second.disk.find((other) => other.writeBytes === writeBytes && other.blocks === blocks),
      );
    }),
    exchanges: first.exchanges.map((limit, index) => cheaper(limit, second.exchanges[index])),
  };
}

function cheaper(first: ExchangeLimit, second?: ExchangeLimit): ExchangeLimit {
  return second !== undefined && second.cpuMicros < first.cpuMicros ? second : first;
}

function faster<Limit extends { readonly megabytesPerSecond: number }>(first: Limit, second?: Limit): Limit {
  return second !== undefined && second.megabytesPerSecond > first.megabytesPerSecond ? second : first;
}
