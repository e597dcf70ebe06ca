/** Moments in a group's life at which the power goes. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import type { JoinGroupResponse } from "../../src/protocol/generated/join_group_response.ts";
import {
  claimOf,
  heartbeat,
  join,
  joinNew,
  leave,
  succeeded,
  sync,
  textOf,
} from "../support/group_member.ts";
import { SimBroker } from "../support/sim_broker.ts";

Deno.test("what a member was told of its generation holds after a power cut, and nobody has to join again", async () => {
  const sim = new SimBroker(1);
  await sim.start();
  const before = sim.connect();
  const told = succeeded(await sim.run(joinNew(before, "g")));
  sim.powerCut();
  await sim.start();
  const between = sim.connect();
  assert.equal(await sim.run(heartbeat(between, "g", claimOf(told))), ErrorCode.NONE);
  await sim.run(sync(between, "g", claimOf(told), { [told.memberId]: "mine" }));
  sim.powerCut();
  await sim.start();
  const after = sim.connect();
  const again = await sim.run(sync(after, "g", claimOf(told)));
  assert.equal(textOf(again.assignment), "mine");
  await sim.stop();
});

Deno.test("who was fenced stays fenced after a power cut", async () => {
  const sim = new SimBroker(2);
  await sim.start();
  const before = sim.connect();
  const options = { instanceId: "worker" };
  const first = succeeded(await sim.run(join(before, "g", options)));
  const second = succeeded(await sim.run(join(before, "g", options)));
  assert.notEqual(second.memberId, first.memberId);
  sim.powerCut();
  await sim.start();
  const after = sim.connect();
  const errorCode = await sim.run(heartbeat(after, "g", claimOf(first, "worker")));
  assert.equal(errorCode, ErrorCode.FENCED_INSTANCE_ID);
  await sim.stop();
});

Deno.test("a member that has left does not come back with a power cut, and the rebalance goes on", async () => {
  const sim = new SimBroker(3);
  await sim.start();
  const [a, b] = [sim.connect(), sim.connect()];
  const alone = succeeded(await sim.run(joinNew(a, "g")));
  await sim.run(sync(a, "g", claimOf(alone)));
  const joining = joinNew(b, "g");
  await sim.clock.advance(10);
  const leader = succeeded(await sim.run(join(a, "g", { memberId: alone.memberId })));
  const follower = succeeded(await sim.run(joining));
  await sim.run(leave(a, "g", [{ memberId: leader.memberId }]));
  sim.powerCut();
  await sim.start();
  const after = sim.connect();
  const errorCode = await sim.run(heartbeat(after, "g", claimOf(follower)));
  assert.equal(errorCode, ErrorCode.REBALANCE_IN_PROGRESS);
  const next = succeeded(await sim.run(join(after, "g", { memberId: follower.memberId })));
  assert.deepEqual([next.generationId, next.members.length], [3, 1]);
  await sim.stop();
});

for (const seed of [1, 2, 3]) {
  Deno.test(`a generation is given out once, whenever the power goes (seed ${seed})`, async () => {
    const random = new SimRandom(seed);
    const sim = new SimBroker(seed);
    let last = 0;
    for (let life = 0; life < 25; life++) {
      await sim.start();
      const client = sim.connect();
      let answer: JoinGroupResponse | null = null;
      // The member of an earlier life is awaited until the rebalance timeout.
      const living = (async () => {
        answer = succeeded(await joinNew(client, "g", { sessionTimeoutMs: 6000, rebalanceTimeoutMs: 1000 }));
      })().catch(() => null);
      await sim.clock.advance(random.below(2500));
      if (answer !== null) {
        const { generationId }: JoinGroupResponse = answer;
        assert.ok(generationId > last, `generation ${generationId} after ${last}`);
        last = generationId;
      }
      sim.powerCut();
      void living;
    }
    assert.ok(last > 5, "some generations were told of");
  });
}
