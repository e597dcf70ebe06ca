import assert from "node:assert/strict";
import { KliteError } from "../../src/base/klite_error.ts";
import type { Scenario } from "./runner.ts";
import { type LifeOptions, WalWorld } from "./wal_world.ts";

const SEGMENT_BYTES = 64 << 10;

function someOptions(world: WalWorld): LifeOptions {
  const { random } = world;
  const segmentBytes = random.chance(0.9) ? SEGMENT_BYTES : 2 * SEGMENT_BYTES;
  return {
    segmentBytes,
    memoryBytes: random.below(5) * segmentBytes,
    maxDiskBytes: random.chance(0.7) ? 0 : (4 + random.below(4)) * segmentBytes,
    syncIntervalMs: random.chance(0.7) ? 0 : 1 + random.below(10),
  };
}

/** Mostly small entries, at times one that nearly fills a segment. */
function somePayload(world: WalWorld): Uint8Array {
  const { random } = world;
  if (random.chance(0.02)) return world.someBytes(SEGMENT_BYTES - 64 - 40 - random.below(64));
  if (random.chance(0.2)) return world.someBytes(random.below(12_000));
  // Zeros and repeats are what a torn write is most easily mistaken with.
  if (random.chance(0.3)) return new Uint8Array(random.below(1500)).fill(random.below(2));
  return world.someBytes(random.below(600));
}

/** One thing that a user of the log does. */
async function someStep(world: WalWorld): Promise<void> {
  const { random, wal, model } = world;
  assert.ok(wal !== null);
  const dice = random.unit();
  if (dice < 0.5) {
    for (let burst = 1 + random.below(random.chance(0.1) ? 40 : 4); burst > 0; burst--) {
      const appended = world.append(somePayload(world));
      if (!appended && wal.refusal === "not_ready") await wal.whenRoom();
    }
  } else if (dice < 0.75) {
    await world.pause(random.unit() * (random.chance(0.1) ? 20 : 3));
  } else if (dice < 0.9) await wal.whenDurable(wal.endLsn).catch(() => {});
  else if (dice < 0.95 && model.length > 0) {
    const entry = random.pick(model);
    if (entry.lsn >= wal.oldestLsn) await world.checkRead(entry);
  } else if (dice < 0.98) {
    world.takeSnapshot();
    if (random.chance(0.7)) {
      world.free(Math.max(world.freedLsn, world.snapshotLsn - random.below(SEGMENT_BYTES)));
    }
  } else world.disk.faults.quotaBytes = random.chance(0.5) ? Infinity : random.below(8) * SEGMENT_BYTES;
}

/** Recovers, opens and works until the log fails. Whoever drives the clock may stop it anywhere. */
async function live(world: WalWorld, steps: number): Promise<void> {
  const recovered = await world.recover();
  await world.open(recovered, someOptions(world));
  for (let step = 0; step < steps && world.failures.length === 0; step++) await someStep(world);
}

/** Lets at most `events` things happen to a life; answers whether it ended by itself. */
async function drive(world: WalWorld, life: Promise<void>, events: number): Promise<boolean> {
  let ended = false;
  let failure: unknown = null;
  life.then(() => ended = true, (error) => {
    ended = true;
    failure = error;
  });
  for (let event = 0; event < events && !ended; event++) {
    if (!await world.clock.step() && !ended) {
      throw new Error("the log is idle, and what is awaited never comes");
    }
  }
  if (failure !== null && !isDiskTrouble(failure)) throw failure;
  return ended;
}

/** What the injected faults do to a log that is just being opened. */
function isDiskTrouble(error: unknown): boolean {
  return error instanceof KliteError && (error.code === "DISK_FULL" || error.code === "DISK_FAILED");
}

const crashes: Scenario = {
  name: "wal-crashes",
  async run(seed) {
    const world = new WalWorld(seed);
    const { random } = world;
    for (let lives = 2 + random.below(5); lives > 0; lives--) {
      const early = random.chance(0.25);
      const events = early ? random.below(30) : 20 + random.below(500);
      const syncFails = random.chance(0.1) ? random.below(events) : -1;
      const writeFails = random.chance(0.05) ? random.below(events) : -1;
      const life = live(world, 1_000);
      if (syncFails !== -1) {
        if (!await drive(world, life, syncFails)) world.disk.faults.syncFailures = 1;
      }
      if (writeFails !== -1) {
        if (!await drive(world, life, writeFails)) world.disk.faults.writeFailures = 1;
      }
      await drive(world, life, events);
      if (world.wal !== null && world.failures.length === 0 && random.chance(0.1)) {
        await world.clock.run(world.wal.close());
      }
      await world.crash(random.chance(0.7));
    }
    await world.clock.run(world.recover());
  },
};

export const walScenarios: readonly Scenario[] = [crashes];
