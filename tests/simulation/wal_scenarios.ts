import assert from "node:assert/strict";
import { KliteError } from "../../src/base/klite_error.ts";
import { ENTRY_HEADER_BYTES, type FoundLog, type FoundSegment } from "../../src/wal/mod.ts";
import type { Scenario } from "./runner.ts";
import { type LifeOptions, WalWorld } from "./wal_world.ts";

const SEGMENT_BYTES = 64 << 10;
/** Events of one life that `wal-boundaries` goes through. */
const EVENTS_SWEPT = 150;

function someOptions(world: WalWorld): LifeOptions {
  const { random } = world;
  const segmentBytes = random.chance(0.9) ? SEGMENT_BYTES : 2 * SEGMENT_BYTES;
  return {
    segmentBytes,
    memoryBytes: random.below(5) * segmentBytes,
    maxDiskBytes: random.chance(0.7) ? 0 : (4 + random.below(4)) * segmentBytes,
    reserveBytes: random.chance(0.5) ? 0 : SEGMENT_BYTES / 8,
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
    if (random.chance(0.05)) {
      world.takeSnapshot();
      world.free(world.snapshotLsn);
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
  await work(world, steps);
}

async function work(world: WalWorld, steps: number): Promise<void> {
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

/** Lives that end at any moment, by power cut, kill or closing, with failing syncs and writes between. */
export async function runCrashes(seed: number): Promise<WalWorld> {
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
  return world;
}

const crashes: Scenario = {
  name: "wal-crashes",
  run: async (seed) => void await runCrashes(seed),
};

/** Neighbouring seeds cut the power of one and the same life at one event after the other. */
const boundaries: Scenario = {
  name: "wal-boundaries",
  async run(seed) {
    const world = new WalWorld(Math.floor(seed / EVENTS_SWEPT));
    const { random } = world;
    await drive(world, live(world, 30), seed % EVENTS_SWEPT);
    await world.crash(true);
    // Recovery itself is cut short, too.
    await drive(world, live(world, 30), random.below(40));
    await world.crash(random.chance(0.5));
    await world.clock.run(world.recover());
  },
};

/**
 * Lives that append entries all alike and end at once: what each leaves behind the tail fits in size
 * and content to what the next one appends, and must not come to life again.
 */
const remains: Scenario = {
  name: "wal-remains",
  async run(seed) {
    const world = new WalWorld(seed);
    const { random } = world;
    const payload = new Uint8Array(random.pick([8, 8, 8, 24, 472]));
    const options = {
      segmentBytes: SEGMENT_BYTES,
      memoryBytes: 0,
      maxDiskBytes: 0,
      reserveBytes: 0,
      syncIntervalMs: 0,
    };
    for (let lives = 12; lives > 0; lives--) {
      await world.clock.run(world.recover().then((recovered) => world.open(recovered, options)));
      const life = (async () => {
        for (let bursts = 1 + random.below(3); bursts > 0; bursts--) {
          for (let count = random.below(300); count > 0 && world.append(payload); count--);
          await world.pause(random.unit() * 6);
        }
      })();
      await drive(world, life, random.below(8));
      await world.crash(random.chance(0.8));
    }
    await world.clock.run(world.recover());
  },
};

/** A bit that is going to flip, and whether recovery must notice. */
interface Damage {
  readonly path: string;
  readonly position: number;
  readonly mustBeFound: boolean;
}

/** Any byte of a file that holds entries, from its header to the last entry's end. */
function someDamage(world: WalWorld, found: FoundLog, provenLsn: number): Damage {
  const { random, model, snapshotLsn } = world;
  const segment = random.pick(found.live);
  const { path, baseLsn } = segment;
  const held = model.filter(({ lsn }) => lsn >= baseLsn && lsn < segment.endLsn);
  const isLast = segment === found.live.at(-1);
  if (held.length === 0 || random.chance(0.2)) {
    const position = random.below(64);
    const mustBeFound = isLast
      ? baseLsn < Math.max(provenLsn, snapshotLsn)
      : !mayBeGone(world, found, segment);
    if (!isLast && !mustBeFound) world.freedLsn = segment.endLsn;
    return { path, position, mustBeFound };
  }
  const { lsn, payload, prefixBytes } = random.pick(held);
  const verified = lsn >= snapshotLsn ? payload.length : prefixBytes;
  const offset = random.below(ENTRY_HEADER_BYTES + payload.length);
  const mustBeFound = offset < ENTRY_HEADER_BYTES + verified && lsn < provenLsn;
  return { path, position: 64 + (lsn - baseLsn) + offset, mustBeFound };
}

/**
 * Whether a segment might as well have been freed: the oldest one, below the snapshot. Its user alone
 * knows whether it needs it.
 */
function mayBeGone(world: WalWorld, found: FoundLog, segment: FoundSegment): boolean {
  return segment === found.live[0] && segment.endLsn <= world.snapshotLsn;
}

const damage: Scenario = {
  name: "wal-damage",
  async run(seed) {
    const world = new WalWorld(seed);
    const { random, clock } = world;
    await drive(world, live(world, 40 + random.below(100)), Infinity);
    const { wal, commits } = world;
    if (wal === null || commits.length < 2) return;
    await clock.run(wal.close());
    await world.crash(true);
    const before = await world.clock.run(world.recover());
    // The last commit proves that all before it had been durable; nothing proves the last itself.
    const provenLsn = commits.at(-2)!;
    const harm = someDamage(world, before.found, provenLsn);
    world.hasDamage = true;
    world.disk.flipBit(harm.path, harm.position, random.below(8));
    if (!harm.mustBeFound) world.durableLsn = provenLsn;
    const refused = await world.clock.run(isRefused(world));
    assert.ok(refused || !harm.mustBeFound, "damage to acknowledged data is noticed");
    await goOnWithLoss(world);
  },
};

async function isRefused(world: WalWorld): Promise<boolean> {
  try {
    await world.recover();
    return false;
  } catch (error) {
    if (error instanceof KliteError && error.code === "DATA_DAMAGED") return true;
    throw error;
  }
}

/** `--accept-data-loss`: the log works again, and what is appended from then on holds. */
async function goOnWithLoss(world: WalWorld): Promise<void> {
  const recovered = await world.clock.run(world.recoverUnchecked(true));
  world.durableLsn = 0;
  world.freedLsn = recovered.oldestLsn;
  await world.clock.run(world.open(recovered, someOptions(world)));
  await world.clock.run(work(world, 30));
  await world.crash(true);
  const refused = await world.clock.run(isRefused(world));
  assert.ok(!refused, "what was given up is no longer damaged");
}

export const walScenarios: readonly Scenario[] = [crashes, boundaries, remains, damage];
