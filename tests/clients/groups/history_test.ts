import assert from "node:assert/strict";
import { History } from "./history.ts";

Deno.test("members are settled when they hold all partitions in equal shares", () => {
  const history = new History();
  owned(history, "a", [0, 1, 2]);
  assert.ok(history.isSettled(["a"], 3));
  assert.ok(!history.isSettled(["a", "b"], 3), "b has nothing yet");
  owned(history, "b", [2]);
  assert.ok(!history.isSettled(["a", "b"], 3), "partition 2 is held twice");
  history.add({ event: "revoked", member: "a", atMs: 1, partitions: [2] });
  assert.ok(history.isSettled(["a", "b"], 3));
  history.killed("b");
  assert.ok(!history.isSettled(["a"], 3), "nobody has partition 2");
});

Deno.test("the furthest record handled is kept, and the last complaints", () => {
  const history = new History();
  history.add({ event: "processed", member: "a", atMs: 1, partition: 0, first: 0, next: 8 });
  history.add({ event: "processed", member: "b", atMs: 2, partition: 0, first: 0, next: 5 });
  assert.equal(history.processedTo(0), 8);
  assert.equal(history.processedTo(1), 0);
  for (const message of ["one", "two", "three"]) {
    history.add({ event: "error", member: "a", atMs: 3, message });
  }
  assert.deepEqual(history.errors(2), ["a: two", "a: three"]);
  assert.equal(history.errors(Infinity).length, 3);
});

function owned(history: History, member: string, partitions: number[]): void {
  history.add({ event: "owned", member, atMs: 0, generation: 1, partitions });
}
