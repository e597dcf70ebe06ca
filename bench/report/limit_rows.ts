/** The machine's limits as rows of a table. */
import type { LimitsResult } from "../load/job.ts";
import { formatNumber } from "./format.ts";

/** A head and a row for each limit. */
export function limitRows(limits: LimitsResult): string[][] {
  const rows = [
    ["limits of the machine", "MB/s", "fdatasync p50 ms", "p99 ms"],
    ["loopback socket, 1 MiB writes", formatNumber(limits.socketMegabytesPerSecond), "–", "–"],
  ];
  for (const { bytes, megabytesPerSecond } of limits.crc32c) {
    rows.push([
      `CRC-32C as klite computes it, ${bytes / 1024} KiB`,
      formatNumber(megabytesPerSecond),
      "–",
      "–",
    ]);
  }
  for (const { writeBytes, blocks, megabytesPerSecond, sync } of limits.disk) {
    rows.push([
      `write and fdatasync of ${writeBytes / 1024} KiB, ${blocks} blocks`,
      formatNumber(megabytesPerSecond),
      formatNumber(sync.p50Ms),
      formatNumber(sync.p99Ms),
    ]);
  }
  return rows;
}
