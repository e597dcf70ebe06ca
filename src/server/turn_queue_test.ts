import assert from "node:assert/strict";
import {
  closeReasons,
  EXCLUSIVE,
  HEAVY_BYTES,
  requestBytes,
  soon,
  withServer,
} from "./server_in_sim_test.ts";
import { TurnQueue } from "./turn_queue.ts";
import { UnsentBytes } from "./unsent_bytes.ts";

const AT_A_TIME = 4;

/** Names of those whose turn has come, in order. */
function takeTurns(turns: TurnQueue, owners: readonly { readonly name: string }[]): string[] {
  const had: string[] = [];
  for (const owner of owners) if (turns.isTurnOf(owner, () => had.push(owner.name))) had.push(owner.name);
  return had;
}

Deno.test("turns come in order, a few at a time, and once for each", () => {
  const turns = new TurnQueue(4, new UnsentBytes(100));
  const owners = [..."abcdefg"].map((name) => ({ name }));
  const had = takeTurns(turns, owners);
  assert.equal(had.join(""), "abcd");
  assert.ok(turns.isTurnOf(owners[0]!, assert.fail), "a turn that one has need not be waited for");
  turns.end(owners[2]!);
  turns.end(owners[2]!);
  assert.equal(had.join(""), "abcde");
  // Whoever is gone is woken, and holds nobody up.
  turns.end(owners[5]!);
  turns.end(owners[0]!);
  assert.equal(had.join(""), "abcdefg");
});

Deno.test("nobody's turn comes while answers are not taken", () => {
  const unsent = new UnsentBytes(100);
  const turns = new TurnQueue(4, unsent);
  unsent.add(100);
  const had = takeTurns(turns, [..."abcdef"].map((name) => ({ name })));
  assert.equal(had.join(""), "");
  unsent.remove(1);
  assert.equal(had.join(""), "abcd");
});

Deno.test("any number may be done as soon as their turn comes", () => {
  const turns = new TurnQueue(1, new UnsentBytes(100));
  const first = {};
  assert.ok(turns.isTurnOf(first, assert.fail));
  let done = 0;
  for (let count = 0; count < 100_000; count++) {
    const owner = {};
    const isFirst = turns.isTurnOf(owner, () => {
      done++;
      turns.end(owner);
    });
    assert.ok(!isFirst);
  }
  turns.end(first);
  assert.equal(done, 100_000);
});

Deno.test("clients that wait for the same and do not take it cannot make answers pile up", async () => {
  await withServer(async ({ clock, handler, server, events, connect }) => {
    const { promise: all, resolve: come } = Promise.withResolvers<void>();
    handler.answer = async (request) => {
      await all;
      await request.client.answerTurn();
      return handler.reply(request, 100_000);
    };
    const deaf = Array.from({ length: 40 }, () => connect());
    for (const client of deaf) await client.send(requestBytes(EXCLUSIVE, 1));
    await clock.advance(0);
    come();
    await clock.advance(0);
    const most = 1_000_000 + AT_A_TIME * 100_012;
    assert.ok(server.stats.unsentBytes <= most, `${server.stats.unsentBytes} bytes`);
    // As they go, the others get their answers.
    for (const client of deaf.slice(0, 30)) client.socket.close();
    const good = deaf.slice(30);
    const ids = await soon(clock, Promise.all(good.map((client) => client.ids(1))));
    assert.deepEqual(ids, good.map(() => [1]));
    assert.deepEqual(closeReasons(events), []);
  }, { limits: { totalUnsentBytes: 1_000_000 } });
});

Deno.test("heavy requests are worked on two at a time, whoever waits is patient, and small ones pass them", async () => {
  await withServer(async ({ clock, handler, events, connect }) => {
    const gates = Array.from({ length: 6 }, () => Promise.withResolvers<void>());
    handler.answer = async (request) => {
      if (request.bodyBytes > 0) await gates[request.id]?.promise;
      return handler.reply(request);
    };
    const large = gates.map(() => connect());
    for (const [id, client] of large.entries()) await client.send(requestBytes(EXCLUSIVE, id, HEAVY_BYTES));
    await clock.advance(60_000);
    assert.deepEqual(handler.started, [0, 1]);
    const small = connect();
    await small.send(requestBytes(EXCLUSIVE, 100));
    assert.deepEqual(await soon(clock, small.ids(1)), [100]);

    gates[1]!.resolve();
    assert.deepEqual(await soon(clock, large[1]!.ids(1)), [1]);
    await clock.advance(0);
    assert.deepEqual(handler.started, [0, 1, 100, 2]);
    for (const gate of gates) gate.resolve();
    const ids = await soon(clock, Promise.all([0, 2, 3, 4, 5].map((index) => large[index]!.ids(1))));
    assert.deepEqual(ids, [[0], [2], [3], [4], [5]]);
    assert.deepEqual(closeReasons(events), []);
  });
});

Deno.test("a heavy request that leaves its turn to wait lets others be worked on", async () => {
  await withServer(async ({ clock, handler, connect }) => {
    const { promise: news, resolve: tell } = Promise.withResolvers<void>();
    handler.answer = async (request) => {
      request.client.leaveTurn();
      await news;
      return handler.reply(request);
    };
    const clients = Array.from({ length: 5 }, () => connect());
    for (const client of clients) await client.send(requestBytes(EXCLUSIVE, 1, HEAVY_BYTES));
    await clock.advance(0);
    assert.equal(handler.started.length, 5);
    tell();
    await soon(clock, Promise.all(clients.map((client) => client.ids(1))));
  });
});

Deno.test("the more answers are not taken, the smaller the next one should be", async () => {
  await withServer(async ({ clock, handler, server, connect }) => {
    const sizes: number[] = [];
    handler.answer = (request) => {
      sizes.push(request.client.answerBytesMax);
      return handler.reply(request, request.client.answerBytesMax);
    };
    for (let count = 0; count < 40; count++) await connect().send(requestBytes(EXCLUSIVE, 1));
    await clock.advance(0);
    assert.deepEqual([sizes.length, sizes[0], sizes[1]], [40, 1_250_000, 1_093_748]);
    assert.ok((sizes.at(-1) ?? Infinity) < 65_536, "what a socket takes at once can always be sent");
    assert.ok(server.stats.unsentBytes < 10_000_000);
  }, { limits: { totalUnsentBytes: 10_000_000 } });
});
