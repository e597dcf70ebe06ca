/** Short forms of what `deno task crash --scenario` does with a bucket. */
import assert from "node:assert/strict";
import { lacksS3Server } from "../support/s3_server.ts";
import { diskLossRun } from "./disk_loss.ts";
import { killRun } from "./kill_run.ts";
import { outageRun } from "./outage.ts";

const ignore = await lacksS3Server();
const SEED = 1;

Deno.test({
  name: "a store that is away until the log is full: nothing is lost, nothing is stored twice",
  ignore,
  fn: async () => {
    assert.ok((await outageRun("stopped")).objects > 1);
  },
});

Deno.test({
  name:
    "a disk that is lost under load: what the bucket had is there once, and only ends of partitions are not",
  ignore,
  fn: async () => {
    const { recordsBack } = await diskLossRun({ records: 20_000, partitions: 8, flushSeconds: 0.3 });
    assert.ok(recordsBack >= 20_000);
  },
});

Deno.test({
  name:
    `kills while objects are written, cleaned and deleted, and the store fails; then the disk (seed ${SEED})`,
  ignore,
  fn: async () => {
    const run = { kills: 4, generations: 1, writers: 1, seed: SEED, longestLifeMs: 1000, stopChance: 0.2 };
    const outcome = await killRun({ ...run, withBucket: true });
    assert.ok(outcome.records > 0 && outcome.stops > 0 && outcome.disturbances > 0);
  },
});
