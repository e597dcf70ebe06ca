/** What becomes of damage, seen from outside: repaired where the other tier has the bytes, and said where none has. */
import assert from "node:assert/strict";
import { ENTRY_HEADER_BYTES } from "../../src/wal/mod.ts";
import { PARTITIONS, RECORDS, RottenWorld, type Template, valueAt } from "../support/rotten_world.ts";

const MINUTE_MS = 60_000;
const SCRUBBED = { scrubIntervalMs: MINUTE_MS };

let made: Promise<Template> | null = null;

async function world(config: Parameters<RottenWorld["start"]>[0] = {}): Promise<RottenWorld> {
  const copy = await RottenWorld.of(await (made ??= RottenWorld.template()));
  await copy.start(config);
  // What had not been stored is, and what has no room in the log is gone from it.
  await copy.sim.clock.advance(20_000);
  return copy;
}

async function assertAllThere(copy: RottenWorld, except = new Set<number>()): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const { values, failedAt } = await copy.read(partition);
    const lost = partition === 0 ? except : new Set<number>();
    assert.deepEqual(new Set(failedAt), lost);
    for (let offset = 0; offset < RECORDS; offset++) {
      if (!lost.has(offset)) assert.equal(values.get(offset), valueAt(partition, offset));
    }
  }
}

async function scrubbed(copy: RottenWorld): Promise<void> {
  const before = copy.eventsOf("scrub_done").length;
  for (let times = 0; copy.eventsOf("scrub_done").length === before; times++) {
    assert.ok(times < 60, "a scrub ends");
    await copy.sim.clock.advance(10_000);
  }
}

/** Keys of a partition's live objects, in their order. */
function keysOf(copy: RottenWorld, partition = 0): string[] {
  return copy.store.keys().filter((key) => key.includes(`/rotten-${copy.topic.topicId}/${partition}/`));
}

function flip(copy: RottenWorld, key: string, at = 700): void {
  copy.store.corrupt(key, (bytes) => bytes.with(at, bytes[at]! ^ 16));
}

/** The partition's first object of which the log has everything. */
function heldTwice(copy: RottenWorld): { readonly index: number; readonly key: string } {
  const log = copy.log();
  for (let index = 0; index < log.objects.count; index++) {
    const { baseOffset } = log.objects.at(index);
    if (log.isStoredOnly(baseOffset)) continue;
    const key = keysOf(copy).find((each) => each.endsWith(`${String(baseOffset).padStart(20, "0")}.obj`));
    assert.ok(key !== undefined);
    return { index, key };
  }
  return assert.fail("an object's batches are in the log, too");
}

Deno.test("a damaged object of which the log has everything is made again as it was, and a lost one, too", async () => {
  for (const harm of ["flip", "cut", "lose"] as const) {
    const copy = await world(SCRUBBED);
    const { key, index } = heldTwice(copy);
    const { baseOffset, endOffset } = copy.log().objects.at(index);
    const before = copy.store.peek(key)!.slice();
    if (harm === "flip") flip(copy, key);
    else if (harm === "cut") copy.store.corrupt(key, (bytes) => bytes.slice(0, 500));
    else copy.store.lose(key);
    await scrubbed(copy);
    assert.deepEqual(copy.store.peek(key), before);
    const found = copy.eventsOf("object_damaged");
    assert.deepEqual(found.map((each) => [each.topic, each.partition, each.fromOffset, each.toOffset]), [
      ["rotten", 0, baseOffset, endOffset],
    ]);
    assert.ok(found[0]!.problem.includes(key));
    assert.equal(copy.eventsOf("object_repaired").length, 1);
    assert.equal(copy.eventsOf("records_unreadable").length, 0);
    assert.deepEqual(copy.sim.running.engine.tier.troubles(), []);
    await scrubbed(copy);
    assert.equal(copy.eventsOf("object_damaged").length, 1, "it is found whole again");
    await assertAllThere(copy);
    await copy.sim.stop();
  }
});

Deno.test("what is damaged in an object alone is an error to its readers, named once, until it is put back", async () => {
  const copy = await world(SCRUBBED);
  const key = keysOf(copy)[0]!;
  const { baseOffset, endOffset } = copy.log().objects.at(0);
  const before = copy.store.peek(key)!.slice();
  assert.ok(copy.log().isStoredOnly(baseOffset));
  flip(copy, key);
  // The batch that has the damage: the first.
  await assertAllThere(copy, new Set([0, 1]));
  await copy.sim.clock.advance(1000);
  const named = copy.eventsOf("records_unreadable");
  assert.deepEqual(named.map((each) => [each.partition, each.fromOffset, each.toOffset]), [
    [0, baseOffset, endOffset],
  ]);
  assert.deepEqual(copy.sim.running.engine.tier.troubles(), [
    `1 places with records are damaged: rotten-0 from ${baseOffset} to ${endOffset - 1}`,
  ]);
  await scrubbed(copy);
  await assertAllThere(copy, new Set([0, 1]));
  assert.equal(copy.eventsOf("records_unreadable").length, 1);
  assert.notDeepEqual(copy.store.peek(key), before, "it is left as it is");
  copy.store.corrupt(key, () => before);
  await scrubbed(copy);
  assert.deepEqual(copy.sim.running.engine.tier.troubles(), []);
  await assertAllThere(copy);
  await copy.sim.stop();
});

/** Flips a bit of the batch at `offset` in its file of the log; answers the file's path. */
function damageLog(copy: RottenWorld, offset: number): string {
  const { batches } = copy.log();
  const lsn = batches.lsn(batches.rowOf(offset));
  const segment = copy.sim.running.engine.wal.hold(lsn);
  copy.sim.disk.flipBit(segment.path, segment.positionOf(lsn) + ENTRY_HEADER_BYTES + 900, 3);
  segment.release();
  return segment.path;
}

/** The last batch that is in a file of the log, not in memory, and in an object. */
function coldOffset(copy: RottenWorld): number {
  const log = copy.log();
  const cold = copy.sim.running.engine.wal.coldSegments().at(-1)!.endLsn;
  const row = log.batches.rowOfLsn(cold) - 1;
  assert.ok(row > 0 && log.batches.lastOffset(row) < log.storedEnd);
  return log.batches.baseOffset(row);
}

Deno.test("a file of the log that is damaged where objects have everything is done without, and goes", async () => {
  for (const finder of ["read", "scrub"] as const) {
    const copy = await world(finder === "scrub" ? SCRUBBED : {});
    const offset = coldOffset(copy);
    const path = damageLog(copy, offset);
    if (finder === "scrub") await scrubbed(copy);
    await assertAllThere(copy);
    await copy.sim.clock.advance(10_000);
    const found = copy.eventsOf("log_damaged");
    assert.deepEqual(found.map((each) => [each.partition, each.fromOffset, each.hasOther]), [[
      0,
      offset,
      true,
    ]]);
    assert.ok(found[0]!.problem.includes(path));
    assert.equal(copy.log().isStoredOnly(offset), true);
    const { wal } = copy.sim.running.engine;
    assert.ok(wal.coldSegments().every(({ baseLsn }) => wal.hold(baseLsn).path !== path), "the file is free");
    await copy.sim.stop();
    await copy.start();
    await assertAllThere(copy);
    assert.equal(copy.eventsOf("log_damage_bypassed").length, 0);
    await copy.sim.stop();
  }
});

Deno.test("snapshots that rot, on disk and in the bucket, are made again, and never copied from one to the other", async () => {
  const copy = await world(SCRUBBED);
  const { disk } = copy.sim;
  await copy.sim.clock.advance(5000);
  const stored = copy.store.keys().filter((key) => key.includes("/meta/snapshot-"));
  const local = disk.list("snapshots").map((name) => `snapshots/${name}`);
  flip(copy, stored.at(-1)!, 50);
  disk.flipBit(local.at(-1)!, 60, 2);
  await scrubbed(copy);
  assert.deepEqual(copy.eventsOf("snapshot_damaged").map(({ path }) => path), [`sim/${local.at(-1)}`]);
  assert.deepEqual(copy.eventsOf("stored_snapshot_damaged").map(({ key }) => key), [stored.at(-1)]);
  await scrubbed(copy);
  assert.equal(copy.eventsOf("snapshot_damaged").length, 1);
  assert.equal(copy.eventsOf("stored_snapshot_damaged").length, 1);
  await copy.sim.stop();

  const newest = disk.list("snapshots").sort().at(-1)!;
  copy.sim.disk.flipBit(`snapshots/${newest}`, 60, 2);
  await copy.start();
  assert.equal(copy.eventsOf("snapshot_damaged").at(-1)?.path, `sim/snapshots/${newest}`);
  await assertAllThere(copy);
  await copy.sim.stop();
});
