import assert from "node:assert/strict";
import { SimClock } from "../io/sim/clock.ts";
import { Deadlines } from "./deadlines.ts";
import { WalByHand } from "./engine_by_hand_test.ts";
import { RoomQueue } from "./room_queue.ts";

/** A queue before a log that has room when the test says so. */
function queueWith(bytesMax: number) {
  const clock = new SimClock();
  const wal = new WalByHand(() => {});
  wal.hasRoom = false;
  const rooms: (() => void)[] = [];
  wal.whenRoom = () => new Promise((resolve) => rooms.push(resolve));
  const room = new RoomQueue(wal, new Deadlines(clock), bytesMax);
  return { clock, room, wal, announce: () => rooms.splice(0).forEach((resolve) => resolve()) };
}

Deno.test("who waits for room gets it in the order of coming", async () => {
  const { clock, room, announce } = queueWith(100);
  const order: string[] = [];
  let hasRoom = false;
  const step = (name: string) => () => {
    if (hasRoom) order.push(name);
    return hasRoom;
  };
  const all = Promise.all(["a", "b", "c"].map((name) => room.run(10, 5000, step(name))));
  await clock.settle();
  assert.deepEqual([room.isBusy, order], [true, []]);
  hasRoom = true;
  announce();
  assert.deepEqual(await clock.run(all), [true, true, true]);
  assert.deepEqual([room.isBusy, room.isRefusing, order.join("")], [false, false, "abc"]);
});

Deno.test("who has waited for long enough gives up; those behind it keep their places and their own time", async () => {
  const { clock, room, announce } = queueWith(100);
  let hasRoom = false;
  const order: string[] = [];
  const step = (name: string) => () => {
    if (hasRoom) order.push(name);
    return hasRoom;
  };
  const long = room.run(10, 60_000, step("long"));
  const short = room.run(10, 1500, step("short"));
  const later = room.run(10, 20_000, step("later"));
  await clock.advance(1600);
  assert.equal(await clock.run(short), false);
  assert.equal(room.isRefusing, true);
  hasRoom = true;
  announce();
  assert.deepEqual(await clock.run(Promise.all([long, later])), [true, true]);
  assert.deepEqual([order.join(" "), room.isRefusing], ["long later", false]);
  hasRoom = false;
  const forever = room.run(10, 1e9, step("forever"));
  await clock.advance(30_100);
  assert.equal(await clock.run(forever), false, "nobody waits for longer than half a minute");
  assert.equal(room.isBusy, false);
});

Deno.test("what waits is bounded, and whoever does not fit in is refused", () => {
  const { room } = queueWith(100);
  void room.run(90, 1000, () => false);
  assert.equal(room.hasRoomFor(10), true);
  assert.equal(room.isRefusing, false);
  assert.equal(room.hasRoomFor(11), false);
  assert.equal(room.isRefusing, true);
});

Deno.test("nobody is refused any more once there is room, also if nobody has tried since", async () => {
  const { clock, room, wal } = queueWith(100);
  assert.equal(await clock.run(room.run(10, 1000, () => false)), false);
  assert.equal(room.isRefusing, true);
  wal.hasRoom = true;
  assert.equal(room.isRefusing, false);
  wal.hasRoom = false;
  assert.equal(room.isRefusing, false, "until the next one is");
});
