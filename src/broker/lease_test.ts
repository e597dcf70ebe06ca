import { deepStrictEqual, match, rejects, strictEqual, throws } from "node:assert/strict";
import { KliteError } from "../base/klite_error.ts";
import type { ObjectStore } from "../io/object_store.ts";
import { leaseKey } from "../objects/object_keys.ts";
import { openSealedJson, sealJson } from "./sealed_json.ts";
import { Lease } from "./lease.ts";
import { LeaseWorld, OddClock, TIMES } from "../../tests/support/lease_world.ts";

const KEY = leaseKey("c");

function contentOf({ store }: LeaseWorld): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(store.peek(KEY)));
}

Deno.test("the first takes the lease, and a second is refused with words as soon as the first shows itself alive", async () => {
  const world = new LeaseWorld();
  const lease = await world.acquire("a");
  await rejects(world.acquire("b"), (error) => {
    match(String(error), /the one at a:9092 \(holder a, since 2020-.*Stop it first/);
    return error instanceof KliteError && error.code === "LEASE_HELD";
  });
  strictEqual(lease.isConfirmed, true);
  strictEqual(world.clock.monotonicMs() < 8000, true);
  lease.abandon();
});

Deno.test("a lease that was released is taken at once, one whose holder died when it is over", async () => {
  const world = new LeaseWorld();
  const first = await world.acquire("a");
  strictEqual(await world.clock.run(first.release()), true);
  const beganMs = world.clock.monotonicMs();
  const second = await world.acquire("b");
  strictEqual(world.clock.monotonicMs() - beganMs < 1000, true);
  second.abandon();
  const third = await world.acquire("c");
  strictEqual(world.clock.monotonicMs() - beganMs >= 15_000, true);
  deepStrictEqual([contentOf(world)["holder"], contentOf(world)["epoch"]], ["c", 3]);
  third.abandon();
});

Deno.test("a directory takes its own lease back at once, and a copy of it that still runs stops", async () => {
  const world = new LeaseWorld();
  const copy = world.options("a");
  await world.clock.run(Lease.acquire(copy));
  const lease = await world.acquire("a");
  await world.clock.advance(6000);
  deepStrictEqual([copy.lost.length, lease.isConfirmed], [1, true]);
  lease.abandon();
});

Deno.test("the store being away costs nobody the lease, but it is not confirmed any more", async () => {
  const world = new LeaseWorld();
  const options = world.options("a");
  const lease = await world.clock.run(Lease.acquire(options));
  world.store.faults.awayUntilMs = world.clock.monotonicMs() + 600_000;
  await world.clock.advance(300_000);
  deepStrictEqual([options.lost, lease.isConfirmed], [[], false]);
  await world.clock.advance(310_000);
  deepStrictEqual([options.lost, lease.isConfirmed], [[], true]);
  const told = world.events.map(({ type }) => type).filter((type) => type.startsWith("lease_"));
  deepStrictEqual(told, ["lease_taken", "lease_not_renewed", "lease_renewed_again"]);
  lease.abandon();
});

Deno.test("a store that takes its time does not hold up a start on what is all here, nor a stop", async () => {
  const world = new LeaseWorld();
  const first = await world.acquire("a", { history: "h" });
  const never = () => new Promise<never>(() => {});
  const store: ObjectStore = Object.assign(Object.create(world.store), { get: never, put: never });
  const beganMs = world.clock.monotonicMs();
  const lease = await world.acquire("a", { history: "h", wasOurs: true, store });
  strictEqual(lease.isConfirmed, false);
  strictEqual(await world.clock.run(lease.release()), false);
  strictEqual(world.clock.monotonicMs() - beganMs < 20_000, true);
  first.abandon();
});

Deno.test("a renewal whose answer was lost is known again", async () => {
  const world = new LeaseWorld();
  const options = world.options("a");
  const lease = await world.clock.run(Lease.acquire(options));
  world.store.faults.lostAnswerChance = 1;
  await world.clock.advance(6000);
  world.store.faults.lostAnswerChance = 0;
  await world.clock.advance(10_000);
  deepStrictEqual([options.lost, lease.isConfirmed], [[], true]);
  strictEqual(await world.clock.run(lease.release()), true);
  strictEqual(contentOf(world)["isReleased"], true);
});

Deno.test("a broker that was paused for too long stops as soon as it looks", async () => {
  const world = new LeaseWorld();
  const clock = new OddClock(world.clock);
  const options = world.options("a", { clock });
  const lease = await world.clock.run(Lease.acquire(options));
  clock.pause();
  const other = await world.acquire("b");
  strictEqual(lease.isConfirmed, false);
  clock.resume();
  await world.clock.advance(1000);
  deepStrictEqual([options.lost.length, lease.isConfirmed, other.isConfirmed], [1, false, true]);
  other.abandon();
});

Deno.test("a broker that had the lease starts while the store is away, and stops if another has it by then", async () => {
  const world = new LeaseWorld();
  (await world.acquire("a", { history: "h" })).abandon();
  world.store.faults.awayUntilMs = Infinity;
  await rejects(world.acquire("a", { history: "h" }), { code: "STORE_UNAVAILABLE" });
  const options = world.options("a", { history: "h", wasOurs: true });
  const lease = await world.clock.run(Lease.acquire(options));
  strictEqual(lease.isConfirmed, false);
  lease.requireLog(64);
  world.store.faults.awayUntilMs = 0;
  await world.clock.advance(5000);
  deepStrictEqual([options.lost, lease.isConfirmed], [[], true]);
  lease.abandon();

  world.store.faults.awayUntilMs = Infinity;
  const late = world.options("a", { history: "h", wasOurs: true });
  await world.clock.run(Lease.acquire(late));
  world.store.faults.awayUntilMs = 0;
  world.store.corrupt(KEY, (bytes) => {
    const content = openSealedJson(bytes)?.value;
    return sealJson({ ...content, holder: "b", run: "other" });
  });
  await world.clock.advance(5000);
  strictEqual((late.lost[0] as KliteError).code, "LEASE_HELD");
});

Deno.test("a stop can ask for the lease that the store has not confirmed yet, and does not wait for it for long", async () => {
  const world = new LeaseWorld();
  (await world.acquire("a", { history: "h" })).abandon();
  world.store.faults.awayUntilMs = Infinity;
  const options = world.options("a", { history: "h", wasOurs: true });
  const lease = await world.clock.run(Lease.acquire(options));
  const beganMs = world.clock.monotonicMs();
  await world.clock.run(lease.confirm());
  deepStrictEqual([options.lost, lease.isConfirmed], [[], false]);
  strictEqual(world.clock.monotonicMs() - beganMs <= TIMES.leaseRenewIntervalMs, true);
  world.store.faults.awayUntilMs = 0;
  await world.clock.run(lease.confirm());
  deepStrictEqual([options.lost, lease.isConfirmed], [[], true]);
  lease.abandon();
});

Deno.test("a directory is refused once the cluster has gone on from another, and when it is an old copy", async () => {
  const world = new LeaseWorld();
  const first = await world.acquire("a", { history: "first" });
  first.noteStored(4096);
  await world.clock.run(first.release());
  // Whoever restores has no history of its own yet: until it has, the first may come back.
  const restoring = await world.acquire("b");
  strictEqual(restoring.storedLsn, 4096);
  await world.clock.run(restoring.release());
  const back = await world.acquire("a", { history: "first" });
  back.requireLog(4096);
  throws(() => back.requireLog(4088), /older than what sim has of the cluster c.*LSN 4088.*LSN 4096/);
  back.requireLog(4088, true);
  await world.clock.run(back.release());
  const cut = await world.acquire("a", { history: "first" });
  cut.requireLog(4088);
  await world.clock.run(cut.release());

  const second = await world.acquire("b");
  await world.clock.run(second.setHistory("second"));
  await world.clock.run(second.release());
  await rejects(world.acquire("a", { history: "first" }), (error) => {
    match(String(error), /has gone on without this data directory.*b:9092/);
    return error instanceof KliteError && error.code === "INCOMPATIBLE";
  });
});

Deno.test("a lease of a newer klite, or something else in its place, is left alone", async () => {
  for (const text of ['{"format":3}', "no lease", "{}", '{"format":2}']) {
    const world = new LeaseWorld();
    await world.clock.run(world.store.put(KEY, new TextEncoder().encode(text)));
    await rejects(world.acquire("a"), { code: "INCOMPATIBLE" });
    strictEqual(new TextDecoder().decode(world.store.peek(KEY)), text);
  }
});

/** A broker that comes and goes, as a seed says. */
async function live(world: LeaseWorld, name: string, endMs: number, leases: Set<Lease>): Promise<void> {
  const random = world.random.fork();
  const clock = new OddClock(world.clock);
  const wait = (ms: number) => new Promise<void>((resolve) => void world.clock.setTimer(ms, () => resolve()));
  let life = 0;
  while (world.clock.monotonicMs() < endMs) {
    await wait(random.below(20_000));
    if (random.chance(0.3)) life++;
    clock.wallOffsetMs = random.below(10) * 3_600_000 - 18_000_000;
    let lease: Lease;
    try {
      lease = await Lease.acquire(world.options(`${name}${life}`, { clock }));
    } catch (error) {
      if (error instanceof KliteError) continue;
      throw error;
    }
    leases.add(lease);
    await wait(random.below(60_000));
    if (random.chance(0.3)) {
      clock.pause();
      await wait(random.below(40_000));
      clock.resume();
      await wait(random.below(20_000));
    }
    if (random.chance(0.5)) lease.abandon();
    else await lease.release();
    leases.delete(lease);
  }
}

Deno.test("whatever happens to brokers, their clocks and the store, no two have the lease confirmed", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const world = new LeaseWorld(seed);
    Object.assign(world.store.faults, { failChance: 0.05, lostAnswerChance: 0.05, slowChance: 0.05 });
    const leases = new Set<Lease>();
    const endMs = 600_000;
    const lives = Promise.all(["a", "b", "c"].map((name) => live(world, name, endMs, leases)));
    let isOver = false;
    lives.finally(() => isOver = true);
    let confirmed = 0;
    while (!isOver && await world.clock.step()) {
      const holders = [...leases].filter(({ isConfirmed }) => isConfirmed);
      confirmed = Math.max(confirmed, holders.length);
      strictEqual(holders.length <= 1, true, `seed ${seed}: two brokers at ${world.clock.monotonicMs()} ms`);
      if (world.random.chance(0.001)) {
        world.store.faults.awayUntilMs = world.clock.monotonicMs() + world.random.below(60_000);
      }
    }
    await lives;
    strictEqual(confirmed, 1, `seed ${seed}`);
  }
});
