/**
 * Random members of random groups, on the rules alone: nothing of the engine, and
 * the clock is a number. After each step the state is what replaying its records
 * gives, no partition has two owners and epochs have not gone back; and when the
 * noise is over, everyone comes to rest with what the assignors promise.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { GroupWorld } from "./testing/group_world.ts";

/** Something that happens, and how a failure tells of it. */
class Action {
  constructor(readonly label: string, readonly act: (world: GroupWorld) => void) {}

  toString(): string {
    return this.label;
  }
}

const memberNumber = fc.nat(5);
const topics = fc.subarray(["a", "b", "c", "d.1", "d.2"]);
const pattern = fc.constantFrom("", "", "", "d\\..*", "[ab]", "nothing");

const topic = fc.constantFrom("a", "b", "c", "d.1", "d.2");
const subscription = fc.record({ topics, pattern, assignor: fc.constantFrom(null, "range", "uniform") });

/** What one member does that needs to know nothing else. */
const deeds = {
  heartbeat: 6,
  confirm: 6,
  leave: 2,
  goAway: 1,
  loseAnswer: 1,
  expel: 2,
  heartbeatClassic: 3,
} as const;

function deed(name: keyof typeof deeds): fc.WeightedArbitrary<Action> {
  return {
    weight: deeds[name],
    arbitrary: memberNumber.map((n) => new Action(`${name}(${n})`, (world) => world[name](n))),
  };
}

function others<Arguments>(
  weight: number,
  label: string,
  given: fc.Arbitrary<Arguments>,
  act: (world: GroupWorld, given: Arguments) => void,
): fc.WeightedArbitrary<Action> {
  const toAction = (value: Arguments) =>
    new Action(`${label}(${JSON.stringify(value)})`, (world) => act(world, value));
  return { weight, arbitrary: given.map(toAction) };
}

const action: fc.Arbitrary<Action> = fc.oneof(
  ...(Object.keys(deeds) as (keyof typeof deeds)[]).map(deed),
  others(4, "join", fc.tuple(memberNumber, subscription), (world, [n, said]) => world.join(n, said)),
  others(2, "subscribe", fc.tuple(memberNumber, topics), (world, [n, said]) => world.subscribe(n, said)),
  others(3, "joinClassic", fc.tuple(memberNumber, topics, fc.boolean()), (world, [n, said, isEager]) => {
    world.joinClassic(n, said, isEager);
  }),
  others(1, "growTopic", fc.tuple(topic, fc.integer({ min: 1, max: 7 })), (world, [name, count]) => {
    world.growTopic(name, count);
  }),
  others(1, "deleteTopic", topic, (world, name) => world.deleteTopic(name)),
  others(2, "wait", fc.constantFrom(1, 500, 12_000), (world, ms) => world.wait(ms)),
  others(1, "restart", fc.constant(null), (world) => world.restart()),
);

Deno.test("whatever members do, no partition has two owners, epochs only grow, and all come to rest", () => {
  fc.assert(
    fc.property(
      fc.array(action, { minLength: 1, maxLength: 60 }),
      fc.constantFrom(0, 1000),
      (actions, assignmentIntervalMs) => {
        const world = new GroupWorld({ assignmentIntervalMs });
        for (const { act } of actions) {
          act(world);
          world.check();
        }
        world.settle();
        assert.equal(world.stateName, world.isEmpty ? "Empty" : "Stable");
        world.checkCover();
      },
    ),
    { numRuns: 300 },
  );
});
