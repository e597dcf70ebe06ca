import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { Traffic } from "../../engine/mod.ts";
import { Largest } from "./largest.ts";
import { TopicTraffic } from "./topic_traffic.ts";

function traffic(recordsIn: number): Traffic {
  return Object.assign(new Traffic(), { recordsIn });
}

Deno.test("a topic that was never part of the rest is counted from its beginning", () => {
  const topics = new TopicTraffic();
  const all = new Map([["a", traffic(5)], ["b", traffic(2)]]);
  const { named, rest } = topics.split(all, new Set(["a"]), traffic(7));
  deepStrictEqual([named.get("a")?.recordsIn, rest.recordsIn], [5, 2]);
});

Deno.test("a topic that was begins at 0, and one that is shown no more does not come back in the rest", () => {
  const topics = new TopicTraffic();
  topics.split(new Map([["a", traffic(5)], ["b", traffic(2)]]), new Set(["a"]), traffic(7));
  const later = new Map([["a", traffic(6)], ["b", traffic(4)]]);
  const { named, rest } = topics.split(later, new Set(["b"]), traffic(10));
  // Two of b and five of a were told of; of the three that came since, all were while nobody was shown by that name.
  deepStrictEqual([named.get("b")?.recordsIn, rest.recordsIn], [0, 5]);
});

/** A few topics, to which something happens between any two looks. */
const step = fc.array(
  fc.record({
    topic: fc.integer({ min: 0, max: 7 }),
    what: fc.constantFrom("write", "delete" as const),
    records: fc.integer({ min: 1, max: 100 }),
  }),
  { maxLength: 8 },
);

Deno.test("whatever comes and goes, no counter falls, and what is told of is never more than there was", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
    const split = new TopicTraffic();
    const largest = new Largest(2);
    const live = new Map<string, Traffic>();
    const gone = new Traffic();
    let before = new Map<string, number>();
    let beforeRest = 0;
    let told = 0;
    let life = 0;
    for (const happenings of steps) {
      for (const { topic, what, records } of happenings) {
        const id = Array.from(live.keys()).find((each) => each.startsWith(`${topic}-`)) ??
          `${topic}-${life++}`;
        const sum = live.get(id) ?? traffic(0);
        if (what === "write") live.set(id, traffic(sum.recordsIn + records));
        else if (live.delete(id)) gone.add(sum);
      }
      const total = traffic(gone.recordsIn);
      for (const each of live.values()) total.add(each);
      const shown = largest.choose(Array.from(live, ([key, { recordsIn }]) => ({ key, size: recordsIn })));
      const { named, rest } = split.split(live, shown, total);
      ok(named.size <= 2);
      ok(rest.recordsIn >= beforeRest, "the rest fell");
      told += rest.recordsIn - beforeRest;
      for (const [id, { recordsIn }] of named) {
        const last = before.get(id) ?? 0;
        ok(recordsIn >= last, "a topic's counter fell");
        told += recordsIn - last;
      }
      strictEqual(told <= total.recordsIn, true, "more was told of than there was");
      before = new Map(Array.from(named, ([id, { recordsIn }]) => [id, recordsIn]));
      beforeRest = rest.recordsIn;
    }
  }));
});
