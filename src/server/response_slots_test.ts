import { deepEqual, equal } from "node:assert/strict";
import type { Reply } from "./request_handler.ts";
import { ResponseSlots } from "./response_slots.ts";

/** Slots, and all that comes of them in order. */
function slots() {
  const outcomes: string[] = [];
  const made = new ResponseSlots(8, {
    reply: (reply) => outcomes.push(reply.kind === "response" ? `reply ${reply.bytes[0]}` : reply.kind),
    failure: (error) => outcomes.push(`failure: ${error instanceof Error ? error.message : error}`),
    progress: () => {},
  });
  const reply = (number: number, after?: Promise<void>): Reply => ({
    kind: "response",
    bytes: new Uint8Array([number]),
    after,
    release: () => outcomes.push(`released ${number}`),
  });
  return { made, outcomes, reply };
}

Deno.test("replies that wait for something are given once it has come, in the order of the requests", async () => {
  const { made, outcomes, reply } = slots();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  made.add(reply(1, first.promise));
  made.add(reply(2, first.promise));
  made.add(reply(3, second.promise));
  made.add(reply(4));
  second.resolve();
  await second.promise;
  await Promise.resolve();
  deepEqual(outcomes, [], "the first are not there yet");
  first.resolve();
  await first.promise;
  await Promise.resolve();
  deepEqual(outcomes, ["reply 1", "reply 2", "reply 3", "reply 4"]);
  equal(made.pending, 0);
});

Deno.test("where what a reply waits for fails, the request has failed and its reply is released", async () => {
  const { made, outcomes, reply } = slots();
  const never = Promise.withResolvers<void>();
  made.add(reply(1, never.promise));
  made.add(reply(2));
  never.reject(new Error("no disk"));
  await never.promise.catch(() => {});
  await Promise.resolve();
  deepEqual(outcomes, ["released 1", "failure: no disk", "reply 2"]);
});
