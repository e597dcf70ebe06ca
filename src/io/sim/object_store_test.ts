import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { SimClock } from "./clock.ts";
import { SimObjectStore, type StoreMoment } from "./object_store.ts";
import { SimRandom } from "./random.ts";

function world(seed = 1) {
  const clock = new SimClock();
  const random = new SimRandom(seed);
  return { clock, random, store: new SimObjectStore({ clock, random }) };
}

const bytes = (...values: number[]) => new Uint8Array(values);

Deno.test("a call that fails has had no effect, one whose answer was lost has", async () => {
  const { clock, store } = world();
  store.faults.failChance = 1;
  await rejects(clock.run(store.put("a", bytes(1))), { code: "STORE_UNAVAILABLE", retriable: true });
  deepEqual(store.keys(), []);
  store.faults.failChance = 0;
  store.faults.lostAnswerChance = 1;
  await rejects(clock.run(store.put("a", bytes(1))), { code: "STORE_UNAVAILABLE", retriable: true });
  deepEqual(store.keys(), ["a"]);
  await rejects(clock.run(store.delete(["a"])), { code: "STORE_UNAVAILABLE" });
  deepEqual(store.keys(), []);
});

Deno.test("a store that is away answers nothing until its time has come", async () => {
  const { clock, store } = world();
  await clock.run(store.put("a", bytes(1)));
  store.faults.awayUntilMs = clock.monotonicMs() + 60_000;
  await rejects(clock.run(store.get("a")), { code: "STORE_UNAVAILABLE" });
  await rejects(clock.run(store.put("b", bytes(1))), { code: "STORE_UNAVAILABLE" });
  await clock.advance(60_000);
  deepEqual((await clock.run(store.get("a"))).bytes, bytes(1));
  deepEqual(store.keys(), ["a"]);
});

Deno.test("of what is under way when a broker dies some takes effect and some leaves unfinished puts", async () => {
  const seen = new Set<boolean>();
  for (let seed = 0; seed < 30; seed++) {
    const { clock, random, store } = world(seed);
    void store.put("a", bytes(1));
    await clock.settle();
    const next = store.restart({ clock, random });
    await clock.runUntilIdle();
    const isThere = next.keys().length === 1;
    seen.add(isThere);
    equal(next.unfinishedCount, isThere ? 0 : 1);
    await clock.run(next.removeUnfinished("", 0));
    equal(next.unfinishedCount, 0);
  }
  equal(seen.size, 2);
});

Deno.test("a broker may die right before an effect and right behind it", async () => {
  for (const dies of [false, true]) {
    const clock = new SimClock();
    const random = new SimRandom(3);
    const moments: StoreMoment[] = [];
    let next: SimObjectStore | undefined;
    const watch = (moment: StoreMoment) => {
      moments.push(moment);
      if (moment.isDone === dies) next = store.restart({ clock, random });
    };
    const store: SimObjectStore = new SimObjectStore({ clock, random, watch });
    let isAnswered = false;
    void store.put("a", bytes(1)).then(() => isAnswered = true);
    await clock.runUntilIdle();
    ok(!isAnswered && next !== undefined);
    if (dies) deepEqual(next.keys(), ["a"]);
    equal(moments.length, dies ? 2 : 1);
  }
});

Deno.test("objects can be damaged and lost behind everybody's back", async () => {
  const { clock, store } = world();
  const { etag } = await clock.run(store.put("a", bytes(1, 2, 3)));
  store.corrupt("a", (content) => content.subarray(0, 2).map((byte) => byte ^ 4));
  deepEqual(await clock.run(store.get("a")), { bytes: bytes(5, 6), etag, sizeBytes: 2 });
  store.lose("a");
  await rejects(clock.run(store.get("a")), { code: "NOT_FOUND" });
});

Deno.test("the same seed gives the same run", async () => {
  const run = async () => {
    const { clock, store } = world(7);
    Object.assign(store.faults, { failChance: 0.2, lostAnswerChance: 0.2 });
    const told: string[] = [];
    const puts = Array.from(
      { length: 40 },
      (_, index) =>
        store.put(`key-${index % 7}`, bytes(index), { ifAbsent: true }).then(
          ({ etag }) => told.push(`${index} ${etag} ${clock.monotonicMs()}`),
          (error) => told.push(`${index} ${error.code} ${clock.monotonicMs()}`),
        ),
    );
    await clock.run(Promise.all(puts));
    return told;
  };
  deepEqual(await run(), await run());
});
