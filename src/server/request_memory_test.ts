import assert from "node:assert/strict";
import fc from "fast-check";
import { SimRandom } from "../io/sim/random.ts";
import { FrameClaim, READ_AHEAD_BYTES, RequestMemory } from "./request_memory.ts";

const KIB = 1024;
const NONE = new Uint8Array(0);

/** A request on its way in, `arrived` bytes of which have come. */
interface Sender {
  readonly claim: FrameClaim;
  readonly frameBytes: number;
  arrived: number;
  state: "sending" | "waiting" | "done";
}

Deno.test("whatever requests come together, the limit holds and each is completed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 1000 * KIB }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 0, max: 3000 * KIB }),
      fc.integer(),
      async (frames, limitBytes, seed) => {
        const random = new SimRandom(seed);
        const memory = new RequestMemory(limitBytes, 1000 * KIB);
        const limit = Math.max(limitBytes, 1000 * KIB);
        const senders = frames.map((frameBytes): Sender => (
          { claim: new FrameClaim(), frameBytes, arrived: 0, state: "sending" }
        ));
        while (senders.some(({ state }) => state !== "done")) {
          const active = senders.filter(({ state }) => state === "sending");
          assert.ok(active.length > 0, "somebody can go on");
          await advance(memory, random.pick(active));
          assert.ok(memory.heldBytes <= limit && memory.totalBytes <= limit, "the limit holds");
        }
        assert.equal(memory.heldBytes, 0);
        assert.equal(memory.waiting, 0);
      },
    ),
    { numRuns: 40 },
  );
});

/** Fills the claim's buffer, completes the frame, or asks for a larger buffer. */
async function advance(memory: RequestMemory, sender: Sender): Promise<void> {
  const { claim, frameBytes } = sender;
  const room = Math.min(claim.buffer.length, frameBytes);
  if (sender.arrived < room) {
    claim.buffer.fill(7, sender.arrived, room);
    sender.arrived = room;
  } else if (sender.arrived === frameBytes) {
    assert.ok(
      claim.buffer.subarray(0, frameBytes).every((byte) => byte === 7),
      "nothing was lost on the way",
    );
    memory.release(claim);
    sender.state = "done";
  } else {
    sender.state = "waiting";
    const content = claim.buffer.subarray(0, sender.arrived);
    memory.whenGrown(claim, frameBytes, Math.max(16 * KIB, 4 * sender.arrived), content).then((grown) => {
      assert.ok(grown);
      sender.state = "sending";
    });
  }
  await Promise.resolve();
  await Promise.resolve();
}

Deno.test("a small request passes a large one that has to wait", () => {
  const memory = new RequestMemory(1000 * KIB, 1000 * KIB);
  const [first, second, small] = [new FrameClaim(), new FrameClaim(), new FrameClaim()];
  assert.ok(memory.grow(first, 1000 * KIB, 64 * KIB, NONE));
  // Two that each may need all the memory could wait for each other for ever.
  assert.ok(!memory.grow(second, 1000 * KIB, 64 * KIB, NONE));
  assert.ok(memory.grow(small, 500 * KIB, 500 * KIB, NONE));
});

Deno.test("large requests leave room for usual ones", () => {
  const memory = new RequestMemory(1, 100 * KIB * KIB);
  const large = new FrameClaim();
  assert.ok(memory.grow(large, 100 * KIB * KIB, 100 * KIB * KIB, NONE));
  assert.ok(!memory.grow(new FrameClaim(), 5 * KIB * KIB, 64 * KIB, NONE));
  for (let usual = 0; usual < 15; usual++) {
    assert.ok(memory.grow(new FrameClaim(), KIB * KIB, KIB * KIB, NONE), "there is room");
  }
  memory.release(large);
  assert.ok(memory.grow(large, 50 * KIB * KIB, 50 * KIB * KIB, NONE));
  assert.ok(memory.grow(new FrameClaim(), 5 * KIB * KIB, 64 * KIB, NONE));
});

Deno.test("a release ends the waiting of its claim and serves that of others", async () => {
  const memory = new RequestMemory(64 * KIB, 64 * KIB);
  const [holder, leaver, next] = [new FrameClaim(), new FrameClaim(), new FrameClaim()];
  assert.ok(memory.grow(holder, 64 * KIB, 64 * KIB, NONE));
  const left = memory.whenGrown(leaver, 20 * KIB, 20 * KIB, NONE);
  const served = memory.whenGrown(next, 20 * KIB, 20 * KIB, Uint8Array.of(1, 2));
  memory.release(leaver);
  assert.equal(await left, false);
  assert.equal(memory.waiting, 1);
  memory.release(holder);
  assert.equal(await served, true);
  assert.deepEqual([...next.buffer.subarray(0, 2)], [1, 2]);
});

Deno.test("read-ahead buffers are a handful, and come back warm", () => {
  const memory = new RequestMemory(1, 1000 * KIB);
  const lent: Uint8Array<ArrayBuffer>[] = [];
  for (let buffer = memory.borrowReadAhead(); buffer !== undefined; buffer = memory.borrowReadAhead()) {
    lent.push(buffer);
  }
  assert.equal(lent.length * READ_AHEAD_BYTES, 16 * KIB * KIB);
  for (const buffer of lent) memory.returnReadAhead(buffer);
  assert.equal(memory.borrowReadAhead(), lent.at(-1));
});

Deno.test("what nobody needs is freed after a while, what is in use is kept", () => {
  const memory = new RequestMemory(1, 1000 * KIB);
  const claim = new FrameClaim();
  for (let round = 0; round < 3; round++) {
    assert.ok(memory.grow(claim, 100 * KIB, 100 * KIB, NONE));
    memory.release(claim);
    memory.returnReadAhead(memory.borrowReadAhead()!);
    memory.trim();
    assert.equal(memory.totalBytes, 132 * KIB + READ_AHEAD_BYTES);
  }
  memory.trim();
  assert.equal(memory.totalBytes, 0);
});
