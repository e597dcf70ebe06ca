import assert from "node:assert/strict";
import { AnswerTurns } from "./answer_turns.ts";
import { closeReasons, EXCLUSIVE, requestBytes, soon, withServer } from "./server_in_sim_test.ts";
import { UnsentBytes } from "./unsent_bytes.ts";

const AT_A_TIME = 4;

/** Names of those whose turn has come, in order. */
function takeTurns(turns: AnswerTurns, owners: readonly { readonly name: string }[]): string[] {
  const had: string[] = [];
  for (const owner of owners) {
    const turn = turns.take(owner);
    if (turn === undefined) had.push(owner.name);
    else turn.then(() => had.push(owner.name));
  }
  return had;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("turns come in order, a few at a time, and once for each answer", async () => {
  const turns = new AnswerTurns(new UnsentBytes(100));
  const owners = [..."abcdefg"].map((name) => ({ name }));
  const had = takeTurns(turns, owners);
  await settled();
  assert.equal(had.join(""), "abcd");
  assert.equal(turns.take(owners[0]!), undefined, "a turn that one has need not be waited for");
  turns.end(owners[2]!);
  turns.end(owners[2]!);
  await settled();
  assert.equal(had.join(""), "abcde");
  // Whoever is gone is woken, and holds nobody up.
  turns.end(owners[5]!);
  turns.end(owners[0]!);
  await settled();
  assert.equal(had.join(""), "abcdefg");
});

Deno.test("nobody's turn comes while answers are not taken", async () => {
  const unsent = new UnsentBytes(100);
  const turns = new AnswerTurns(unsent);
  unsent.add(100);
  const had = takeTurns(turns, [..."abcdef"].map((name) => ({ name })));
  await settled();
  assert.equal(had.join(""), "");
  unsent.remove(1);
  await settled();
  assert.equal(had.join(""), "abcd");
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
