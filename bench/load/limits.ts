import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { crc32c } from "../../src/base/crc32c.ts";
import { Histogram } from "../measure/histogram.ts";
import { allocate, writeAll } from "./allocated_file.ts";
import { measureExchange } from "./exchange.ts";
import type { DiskLimit, ExchangeLimit, LimitsJob, LimitsResult } from "./job.ts";

const MEGABYTE = 1_000_000;
const SOCKET_WRITE_BYTES = 1024 * 1024;
const DISK_FILE_BYTES = 64 * 1024 * 1024;
const DISK_WRITE_BYTES: readonly number[] = [4 * 1024, 1024 * 1024];
const DISK_BLOCKS = ["allocated", "fresh"] as const;
const CRC_BYTES: readonly number[] = [1024, 64 * 1024, 1024 * 1024];

/**
 * What the machine can do at best, in the same run as the brokers: bytes through a
 * loopback socket between two threads, klite's checksum, writes to disk that each end
 * with fdatasync, and what bare exchanges cost whoever answers.
 */
export async function runLimits({ dir, windowMs, exchanges }: LimitsJob): Promise<LimitsResult> {
  const bare: ExchangeLimit[] = [];
  for (const shape of exchanges) bare.push(await measureExchange(shape, dir, windowMs));
  return {
    socketMegabytesPerSecond: await socketCopy(windowMs),
    crc32c: CRC_BYTES.map((bytes) => ({ bytes, megabytesPerSecond: checksum(bytes, windowMs / 4) })),
    disk: DISK_BLOCKS.flatMap((blocks) => {
      return DISK_WRITE_BYTES.map((bytes) => syncedWrites(dir, { blocks, writeBytes: bytes, windowMs }));
    }),
    exchanges: bare,
  };
}

async function socketCopy(windowMs: number): Promise<number> {
  const sink = new Worker(new URL("./socket_sink.ts", import.meta.url));
  const [port] = await once(sink, "message");
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const bytes = new Uint8Array(SOCKET_WRITE_BYTES);
  let sent = 0;
  const beganMs = performance.now();
  while (performance.now() - beganMs < windowMs) sent += await connection.write(bytes);
  const tookMs = performance.now() - beganMs;
  connection.close();
  await sink.terminate();
  return sent / MEGABYTE / (tookMs / 1000);
}

function checksum(bytes: number, windowMs: number): number {
  const data = new Uint8Array(bytes).fill(0x5a);
  let done = 0;
  const beganMs = performance.now();
  while (performance.now() - beganMs < windowMs) {
    for (let round = 0; round < 16; round++) crc32c(data, 0, bytes);
    done += 16 * bytes;
  }
  return done / MEGABYTE / ((performance.now() - beganMs) / 1000);
}

interface SyncedWrites {
  readonly blocks: DiskLimit["blocks"];
  readonly writeBytes: number;
  readonly windowMs: number;
}

/** Writes a file piece after piece, each followed by fdatasync: over blocks that it has, or to ever new ones. */
function syncedWrites(dir: string, { blocks, writeBytes, windowMs }: SyncedWrites): DiskLimit {
  const path = join(dir, "limits.data");
  const file = Deno.openSync(path, { write: true, create: true });
  try {
    if (blocks === "allocated") allocate(file, DISK_FILE_BYTES);
    const data = crypto.getRandomValues(new Uint8Array(4096));
    const bytes = new Uint8Array(writeBytes);
    for (let at = 0; at < writeBytes; at += data.length) bytes.set(data, at);
    const sync = new Histogram();
    let written = 0;
    const beganMs = performance.now();
    while (performance.now() - beganMs < windowMs) {
      if (blocks === "allocated" && written % DISK_FILE_BYTES === 0) file.seekSync(0, Deno.SeekMode.Start);
      writeAll(file, bytes);
      const writtenMs = performance.now();
      file.syncDataSync();
      sync.record((performance.now() - writtenMs) * 1000);
      written += writeBytes;
    }
    const seconds = (performance.now() - beganMs) / 1000;
    return { writeBytes, blocks, megabytesPerSecond: written / MEGABYTE / seconds, sync: sync.summary() };
  } finally {
    file.close();
    Deno.removeSync(path);
  }
}
