import assert from "node:assert/strict";
import { findCommitGoneBack, findDuplicate, findSecondOwner, findUnprocessed } from "./checks.ts";
import { type MemberEvent, parseMemberEvent } from "./member_event.ts";

const NOTHING = { killed: new Set<string>(), instances: new Map<string, string>() };

Deno.test("a partition that two members own in one generation is found", () => {
  const events = [owned("a", 10, 1, [0, 1]), owned("b", 20, 1, [1])];
  assert.equal(findSecondOwner(events, NOTHING), "partition 1 in generation 1 is owned by a and by b");
});

Deno.test("a partition may change hands between generations", () => {
  const events = [owned("a", 10, 1, [0]), gaveUp("revoked", "a", 20, [0]), owned("b", 30, 2, [0])];
  assert.equal(findSecondOwner(events, NOTHING), null);
});

Deno.test("an owner that begins before the last one has given up is found", () => {
  const events = [owned("a", 10, 1, [0]), owned("b", 15, 2, [0]), gaveUp("revoked", "a", 20, [0])];
  assert.match(
    findSecondOwner(events, NOTHING) ?? "",
    /partition 0 is owned by b 5\.0 ms before a gives it up/,
  );
});

Deno.test("members that were thrown out or killed may be overlapped", () => {
  const lost = [owned("a", 10, 1, [0]), owned("b", 15, 2, [0]), gaveUp("lost", "a", 20, [0])];
  assert.equal(findSecondOwner(lost, NOTHING), null);
  const killed = [owned("a", 10, 1, [0]), owned("b", 15, 2, [0])];
  assert.equal(findSecondOwner(killed, { ...NOTHING, killed: new Set(["a"]) }), null);
});

Deno.test("a static member that comes back in the same generation is the same owner", () => {
  const events = [owned("a", 10, 1, [0]), gaveUp("revoked", "a", 20, [0]), owned("a2", 30, 1, [0])];
  assert.equal(findSecondOwner(events, { ...NOTHING, instances: new Map([["a2", "a"]]) }), null);
});

Deno.test("a generation that goes back is found", () => {
  const events = [owned("a", 10, 5, [0]), owned("a", 20, 1, [0])];
  assert.equal(findSecondOwner(events, NOTHING), "a is in generation 1 after 5");
});

Deno.test("clients that tell no generation are held to times alone", () => {
  const events = [owned("a", 10, -1, [0]), gaveUp("revoked", "a", 20, [0]), owned("b", 30, -1, [0])];
  assert.equal(findSecondOwner(events, NOTHING), null);
});

Deno.test("a record that nobody has handled is found", () => {
  const events = [processed("a", 0, 0, 10), processed("b", 0, 12, 20)];
  assert.match(findUnprocessed(events, [20]) ?? "", /^record 10 of partition 0/);
  assert.match(findUnprocessed([processed("a", 0, 0, 10)], [20]) ?? "", /^record 10 of partition 0/);
  assert.equal(findUnprocessed([processed("a", 0, 0, 12), processed("b", 0, 10, 20)], [20, 0]), null);
});

Deno.test("a record that was handled twice is found", () => {
  const twice = [processed("a", 0, 0, 12), processed("b", 0, 10, 20)];
  assert.equal(findDuplicate(twice, [20]), "record 10 of partition 0 was handled by a and by b");
  assert.equal(findDuplicate([processed("b", 0, 10, 20), processed("a", 0, 0, 10)], [20]), null);
});

Deno.test("a committed offset that goes back, or is gone, is found", () => {
  const samples = (...offsets: number[]) => offsets.map((offset, atMs) => ({ partition: 0, offset, atMs }));
  assert.equal(findCommitGoneBack(samples(-1, 5, 5, 9)), null);
  assert.match(findCommitGoneBack(samples(-1, 5, 4)) ?? "", /from 5 to 4/);
  assert.match(findCommitGoneBack(samples(5, -1)) ?? "", /from 5 to -1/);
});

Deno.test("a line that is no event is refused", () => {
  assert.throws(() => parseMemberEvent('{"event":"owned","member":"a","atMs":1,"generation":1}'));
  assert.throws(() => parseMemberEvent('{"event":"sleeps","member":"a","atMs":1}'));
  assert.deepEqual(parseMemberEvent('{"event":"left","member":"a","atMs":1}'), {
    event: "left",
    member: "a",
    atMs: 1,
  });
});

function owned(member: string, atMs: number, generation: number, partitions: number[]): MemberEvent {
  return { event: "owned", member, atMs, generation, partitions };
}

function gaveUp(event: "revoked" | "lost", member: string, atMs: number, partitions: number[]): MemberEvent {
  return { event, member, atMs, partitions };
}

function processed(member: string, partition: number, first: number, next: number): MemberEvent {
  return { event: "processed", member, atMs: 0, partition, first, next };
}
