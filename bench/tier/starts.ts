import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { residentBytes } from "../measure/process.ts";
import { Home, inMegabytes, type TierSite } from "./site.ts";

const STARTS = 2;
const SETTLE_MS = 1500;

/** Starts on an empty data directory, with a bucket and with a directory for what the log cannot keep. */
export async function measureTierStarts(site: TierSite): Promise<void> {
  // A developer's cache holds other programs too, and Deno maps what it reads of its databases into memory.
  const env = { DENO_DIR: join(site.dir, "deno-tier") };
  await startOnce(site, true, env);
  for (let start = 0; start < STARTS; start++) {
    for (const bucket of [false, true]) {
      const figures = await startOnce(site, bucket, env);
      const store = bucket ? "with a bucket, its client and its lease" : "with a directory for objects";
      site.rows.note("starts", { name: bucket ? "start-bucket" : "start-directory", title: store }, figures);
    }
  }
}

async function startOnce(site: TierSite, bucket: boolean, env: Record<string, string>) {
  await using home = new Home(site);
  const broker = await home.start({ bucket, env });
  await sleep(SETTLE_MS);
  return { startMs: broker.startMs, restMegabytes: inMegabytes(residentBytes(broker.pid)) };
}
