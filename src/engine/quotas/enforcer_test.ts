import assert from "node:assert/strict";
import { Principal } from "../../base/principal.ts";
import { ClientQuotas } from "../../cluster/security/quotas/client_quotas.ts";
import type { QuotaEntity } from "../../cluster/security/quotas/mod.ts";
import type { Clock } from "../../io/clock.ts";
import { QuotaEnforcer } from "./enforcer.ts";

const ALICE = new Principal("User", "alice");

/** Remembers how long a name somebody has looked for. */
class AskedQuotas extends ClientQuotas {
  longest = 0;

  override of(entity: QuotaEntity): ReadonlyMap<string, number> {
    const lengths = [entity.user, entity.clientId].map((name) => name?.length ?? 0);
    this.longest = Math.max(this.longest, ...lengths);
    return super.of(entity);
  }
}

/** Quotas, whoever holds clients to them, and a time that stands still unless told otherwise. */
class World {
  readonly quotas = new AskedQuotas();
  timeMs = 0;
  readonly clock: Clock = {
    nowMs: () => this.timeMs,
    monotonicMs: () => this.timeMs,
    setTimer: () => assert.fail("quotas wait for nothing"),
  };
  readonly enforcer = new QuotaEnforcer(this.quotas, this.clock);

  set(entity: QuotaEntity, values: Readonly<Record<string, number | null>>): void {
    this.quotas.apply({ entity, values });
  }

  /** How long a client has to pause that produces so much. */
  produce(bytes: number, clientId: string | null = "c", principal = ALICE): number {
    return this.enforcer.begin(principal, clientId, bytes)?.settle(true) ?? 0;
  }
}

Deno.test("a client that no quota is for is not counted", () => {
  const world = new World();
  world.set({ user: "bob" }, { producer_byte_rate: 1 });
  world.set({ ip: null }, { connection_creation_rate: 1 });
  assert.equal(world.enforcer.begin(ALICE, "c", 1000), null);
  assert.equal(world.enforcer.size, 0);
});

Deno.test("a client without an id has that of no letters", () => {
  const world = new World();
  world.set({ clientId: null }, { producer_byte_rate: 1 });
  assert.equal(world.produce(20, null), 10_000);
});

Deno.test("what a client has used counts when its quota changes, and is forgotten when it is taken back for long", () => {
  const world = new World();
  world.set({ user: "alice" }, { producer_byte_rate: 100 });
  assert.equal(world.produce(1000), 0);
  world.set({ user: "alice" }, { producer_byte_rate: 50 });
  assert.equal(world.produce(0), 0);
  assert.equal(world.produce(500), 20_000);
  world.set({ user: "alice" }, { producer_byte_rate: null });
  assert.equal(world.produce(1_000_000), 0);
  world.timeMs += 40_000;
  world.set({ user: "alice" }, { producer_byte_rate: 100 });
  assert.equal(world.produce(1000), 0);
});

Deno.test("quotas that are not used any more are forgotten, those that are in debt are not", () => {
  const world = new World();
  world.set({ clientId: null }, { producer_byte_rate: 1000, controller_mutation_rate: 1 });
  for (let index = 0; index < 500; index++) world.produce(1, `c${index}`);
  assert.equal(world.enforcer.size, 1000);
  world.enforcer.begin(ALICE, "debtor", 0)?.change(1000, false);
  world.timeMs += 61_000;
  world.produce(1, "another");
  assert.equal(world.enforcer.size, 3);
  assert.equal(world.enforcer.begin(ALICE, "debtor", 0)?.change(1, true), false);
});

Deno.test("whatever clients call themselves, memory is bounded", () => {
  const world = new World();
  world.set({ clientId: null }, { producer_byte_rate: 1000 });
  for (let index = 0; index < 30_000; index++) world.produce(1, `c${index}`);
  assert(world.enforcer.size <= 10_000, String(world.enforcer.size));
  const long = "x".repeat(30_000);
  assert.equal(world.produce(20_000, long), 10_000);
  assert.equal(world.produce(1000, long), 11_000);
});

Deno.test("an address has its own rate of connections, or the default one", () => {
  const world = new World();
  const { enforcer } = world;
  assert.equal(enforcer.connectionsPerSecond("10.0.0.1"), null);
  world.set({ ip: "10.0.0.1" }, { connection_creation_rate: 5 });
  world.set({ ip: "0:0:0:0:0:0:0:1" }, { connection_creation_rate: 6 });
  assert.equal(enforcer.connectionsPerSecond("10.0.0.1"), 5);
  assert.equal(enforcer.connectionsPerSecond("::1"), 6);
  assert.equal(enforcer.connectionsPerSecond("10.0.0.2"), null);
  world.set({ ip: null }, { connection_creation_rate: 7 });
  assert.equal(enforcer.connectionsPerSecond("10.0.0.2"), 7);
});

Deno.test("time that a request is worked on counts, time that it waits does not; nobody pauses for it longer than a second", () => {
  const world = new World();
  world.set({ user: "alice" }, { request_percentage: 10 });
  const work = (workMs: number): number => {
    const charge = world.enforcer.begin(ALICE, "c", 0);
    assert(charge !== null);
    world.timeMs += workMs / 2;
    charge.pause();
    world.timeMs += 100;
    charge.resume();
    world.timeMs += workMs / 2;
    const throttleMs = charge.settle(true);
    charge.pause();
    return throttleMs;
  };
  // 1,000 ms are 100 percent of a second: as much as ten seconds may have.
  assert.equal(work(500), 0);
  assert.equal(work(400), 0);
  const short = work(200);
  assert(short > 0 && short < 1000, String(short));
  assert.equal(work(5000), 1000);
  assert.deepEqual(world.enforcer.figures.request.requests, 2);
});

Deno.test("what is left to do for an answer counts for the next request", () => {
  const world = new World();
  world.set({ user: "alice" }, { request_percentage: 1 });
  const charge = world.enforcer.begin(ALICE, "c", 0);
  assert.equal(charge?.settle(true), 0);
  world.timeMs += 5000;
  charge?.pause();
  assert.equal(world.enforcer.begin(ALICE, "c", 0)?.settle(true), 1000);
});

Deno.test("records that a client must not have are not counted; more than fits is never asked for", () => {
  const world = new World();
  world.set({ user: "alice" }, { consumer_byte_rate: 100 });
  const fetch = (bytes: number) => {
    const charge = world.enforcer.begin(ALICE, "c", 0);
    const throttleMs = charge?.fetch(bytes) ?? 0;
    assert.equal(charge?.settle(true), throttleMs);
    return throttleMs;
  };
  assert.equal(world.enforcer.begin(ALICE, "c", 0)?.fetchBytesMax, 1000);
  assert.equal(fetch(600), 0);
  assert.equal(fetch(600), 2000);
  assert.equal(fetch(600), 2000);
  assert.equal(fetch(400), 0);
  assert.deepEqual(world.enforcer.figures.fetch, { requests: 2, ms: 4000 });
});

Deno.test("of two quotas that are used up the client pauses for the longer one", () => {
  const world = new World();
  world.set({ user: "alice" }, { producer_byte_rate: 1000, request_percentage: 1 });
  const charge = world.enforcer.begin(ALICE, "c", 20_000);
  world.timeMs += 900;
  assert.equal(charge?.settle(true), 10_000);
  assert.deepEqual(world.enforcer.figures.produce, { requests: 1, ms: 10_000 });
  assert.deepEqual(world.enforcer.figures.request, { requests: 0, ms: 0 });
});

Deno.test("without an answer bytes count, and time does not", () => {
  const world = new World();
  world.set({ user: "alice" }, { producer_byte_rate: 1000, request_percentage: 0.001 });
  const charge = world.enforcer.begin(ALICE, "c", 20_000);
  world.timeMs += 900;
  assert.equal(charge?.settle(false), 10_000);
  assert.equal(world.enforcer.figures.request.requests, 0);
});

Deno.test("no client gets rid of what it has used by calling itself something else over and over", () => {
  const world = new World();
  world.set({ user: "alice" }, { producer_byte_rate: 1000 });
  world.set({ clientId: "known" }, { producer_byte_rate: 1000 });
  world.set({ clientId: null }, { request_percentage: 50, producer_byte_rate: 1000 });
  const bob = new Principal("User", "bob");
  for (let index = 0; index < 1000; index++) world.produce(1, `earlier${index}`, bob);
  assert.equal(world.produce(20_000), 10_000);
  assert.equal(world.produce(20_000, "known", bob), 10_000);
  for (let index = 0; index < 30_000; index++) world.produce(1, `c${index}`, index % 2 === 0 ? ALICE : bob);
  assert(world.enforcer.size <= 10_002, String(world.enforcer.size));
  assert(world.produce(1) > 9000);
  assert(world.produce(1, "known", bob) > 9000);
});

Deno.test("a name that no quota can be for is not looked for: that would take as long as thousands of requests", () => {
  const world = new World();
  world.set({ user: "bob" }, { producer_byte_rate: 1000 });
  world.produce(1, "x".repeat(32_000), new Principal("User", "y".repeat(32_000)));
  assert(world.quotas.longest <= 1001, String(world.quotas.longest));
});
