/** What clients may take of the server's memory and time, and what happens to those that want more. */
import assert from "node:assert/strict";
import { concatBytes } from "../base/bytes.ts";
import { KliteError } from "../base/klite_error.ts";
import type { Reply } from "./request_handler.ts";
import {
  closeReasons,
  EXCLUSIVE,
  PIPELINED,
  prefixBytes,
  requestBytes,
  soon,
  type TestClient,
  withServer,
} from "./server_in_sim_test.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Starts to send, and does not care how that ends. */
function sendInBackground(client: TestClient, ...parts: readonly Uint8Array[]): void {
  client.send(...parts).catch((error) => assert.ok(error instanceof KliteError));
}

Deno.test("a client that reads nothing is not served beyond the bound, and is closed in the end", async () => {
  for (const key of [PIPELINED, EXCLUSIVE]) {
    await withServer(async ({ handler, connect, clock, server, events }) => {
      handler.answer = (request) => handler.reply(request, 10_000);
      const [slow, good] = [connect(), connect()];
      sendInBackground(slow, ...Array.from({ length: 10_000 }, (_, id) => requestBytes(key, id)));
      await clock.advance(0);
      const served = handler.started.length;
      // 64 KiB fit into the network, 100 KB may wait in the server.
      assert.ok(served >= 15 && served <= 19, `${served} served`);
      assert.ok(server.stats.unsentBytes <= 100_000 + 64 * KIB);
      await clock.advance(9 * 60_000);
      assert.equal(handler.started.length, served);
      await good.send(requestBytes(key, 77_777));
      assert.deepEqual(await good.ids(1), [77_777]);
      await clock.advance(2 * 60_000);
      assert.deepEqual(closeReasons(events), ["slow_reader"]);
      assert.equal(server.stats.unsentBytes, 0);
      assert.equal(handler.unreleased, 0);
    }, { limits: { maxUnsentBytes: 100_000 } });
  }
});

Deno.test("tiny responses that are not taken are bounded by their number", async () => {
  await withServer(async ({ handler, connect, clock }) => {
    const slow = connect();
    const requests = concatBytes(Array.from({ length: 100_000 }, (_, id) => requestBytes(PIPELINED, id)));
    sendInBackground(slow, requests);
    await clock.advance(5000);
    assert.ok(handler.unreleased <= 64, `${handler.unreleased} wait`);
    assert.ok(handler.started.length < 10_000, `${handler.started.length} were started`);
  }, { network: { windowBytes: 1024 } });
});

Deno.test("a client that reads slowly gets everything", async () => {
  await withServer(async ({ handler, connect, clock, events }) => {
    handler.answer = (request) => handler.reply(request, 30_000);
    const slow = connect();
    sendInBackground(slow, ...Array.from({ length: 300 }, (_, id) => requestBytes(EXCLUSIVE, id)));
    for (let id = 0; id < 300; id++) {
      await clock.advance(5000);
      assert.deepEqual(await soon(clock, slow.ids(1)), [id]);
    }
    assert.equal(events.length, 0);
  }, { limits: { maxUnsentBytes: 100_000 } });
});

Deno.test("whoever takes responses is served before many who do not, and never closed for it", async () => {
  await withServer(async ({ handler, connect, clock, server, events }) => {
    handler.answer = (request) => handler.reply(request, request.id * 100_000);
    const known = connect();
    await known.send(requestBytes(EXCLUSIVE, 0));
    assert.deepEqual(await soon(clock, known.ids(1)), [0]);

    const deaf = Array.from({ length: 40 }, () => connect());
    for (const client of deaf) await client.send(requestBytes(EXCLUSIVE, 1), requestBytes(EXCLUSIVE, 1));
    const fresh = connect();
    await fresh.send(requestBytes(EXCLUSIVE, 0));
    await known.send(requestBytes(EXCLUSIVE, 0));
    const [toFresh, toKnown] = [fresh.ids(1), known.ids(1)];
    await clock.advance(5_000);
    assert.deepEqual(await toKnown, [0]);
    assert.ok(server.stats.unsentBytes <= 1_100_000);
    await clock.advance(55_000);
    assert.deepEqual(await toFresh, [0]);
    assert.ok(closeReasons(events).every((reason) => reason === "slow_reader"));
    await Promise.all([fresh, known].map((client) => client.send(requestBytes(EXCLUSIVE, 0))));
    assert.deepEqual(await soon(clock, Promise.all([fresh.ids(1), known.ids(1)])), [[0], [0]]);
  }, { limits: { totalUnsentBytes: 1_000_000 } });
});

Deno.test("those who took part of a large response are told from those who have none to take", async () => {
  await withServer(async ({ handler, connect, clock, events }) => {
    handler.answer = (request) => handler.reply(request, request.id * 1_000_000);
    const idle = connect();
    await idle.send(requestBytes(EXCLUSIVE, 0));
    assert.deepEqual(await soon(clock, idle.ids(1)), [0]);
    const slow = Array.from({ length: 4 }, () => connect());
    for (const client of slow) await client.send(requestBytes(EXCLUSIVE, 3));
    for (let read = 0; read < 80; read++) {
      for (const { socket } of slow) await socket.read(new Uint8Array(50_000));
      await clock.advance(1);
    }
    await clock.advance(5_000);
    assert.deepEqual(closeReasons(events), ["slow_reader", "slow_reader", "slow_reader"]);
    await idle.send(requestBytes(EXCLUSIVE, 0));
    assert.deepEqual(await soon(clock, idle.ids(1)), [0]);
  }, { limits: { totalUnsentBytes: 10_000_000 } });
});

Deno.test("responses that are taken too slowly hold up others for a short time only", async () => {
  for (const readBytes of [0, 1000]) {
    await withServer(async ({ handler, connect, clock, server, events }) => {
      handler.answer = (request) =>
        handler.reply(request, request.key === EXCLUSIVE ? request.id * 100_000 : 0);
      const slow = [connect(), connect(), connect()];
      slow.forEach((client, index) => sendInBackground(client, requestBytes(EXCLUSIVE, 3 + index)));
      await clock.advance(0);
      assert.equal(server.stats.unsentBytes, 1_200_036);
      const good = connect();
      await good.send(requestBytes(PIPELINED, 2));
      assert.deepEqual(await good.ids(1), [2]);
      await good.send(requestBytes(EXCLUSIVE, 1));
      const second = async (): Promise<void> => {
        for (const { socket } of slow) if (readBytes > 0) await socket.read(new Uint8Array(readBytes));
        await clock.advance(1000);
      };
      for (let seconds = 0; seconds < 9; seconds++) await second();
      assert.deepEqual(handler.started, [3, 4, 5, 2]);
      await second();
      const reply = good.ids(1);
      await clock.advance(2000);
      assert.deepEqual(await reply, [1]);
      // Those with the most to take had to go, until half of what there may be was left.
      assert.deepEqual(closeReasons(events), ["slow_reader", "slow_reader"]);
      assert.equal(server.stats.connections, 2);
    }, { limits: { totalUnsentBytes: 1_000_000, unsentStallMs: 10_000, stallMs: 60_000 } });
  }
});

for (const size of [30 * MIB, 64 * MIB, 100 * MIB]) {
  Deno.test(`64 announced frames of ${size / MIB} MiB cost nothing, and nobody waits for them`, async () => {
    await withServer(async ({ handler, connect, clock, server, events }) => {
      const giants = Array.from({ length: 64 }, () => connect());
      for (const giant of giants) sendInBackground(giant, prefixBytes(size));
      await clock.advance(0);
      assert.equal(server.stats.requestMemoryBytes, 0);
      // Now each sends a little of it: memory follows what has come.
      for (const giant of giants) sendInBackground(giant, new Uint8Array(50 * KIB));
      await clock.advance(0);
      assert.ok(server.stats.requestMemoryBytes <= 64 * 68 * KIB, `${server.stats.requestMemoryBytes} bytes`);
      const good = connect();
      sendInBackground(good, requestBytes(PIPELINED, 1, MIB));
      assert.deepEqual(await soon(clock, good.ids(1)), [1]);
      // They send no more: those that hold memory are done with, and with them those that take their place.
      const holders = 64 - server.stats.waitingForMemory;
      await clock.advance(15_000);
      assert.equal(server.stats.closed.stalled_request, holders);
      assert.deepEqual(new Set(closeReasons(events)), new Set(["stalled_request"]));
      assert.ok(events.length <= 10, "a few events stand for all");
      for (const giant of giants) sendInBackground(giant, new Uint8Array(MIB));
      await clock.advance(700_000);
      assert.equal(server.stats.connections, 0);
      assert.equal(server.stats.requestMemoryBytes, 0);
      assert.equal(handler.started.length, 1);
    });
  });
}

Deno.test("bytes in memory stay below the budget, and every request is completed in the end", async () => {
  const budget = 4 * MIB;
  await withServer(async ({ handler, connect, clock, server }) => {
    const clients = Array.from({ length: 40 }, () => connect());
    const requests = clients.map((_, id) => requestBytes(PIPELINED, id, 300 * KIB + id * 64 * KIB));
    const sending = clients.map((client, id) => client.send(requests[id]!.subarray(0, 250 * KIB)));
    await clock.advance(0);
    assert.ok(server.stats.waitingForMemory > 0, "there is more than fits");
    const replies = clients.map((client) => client.ids(1));
    clients.forEach((client, id) => {
      const rest = requests[id]!.subarray(250 * KIB);
      sending[id] = sending[id]!.then(() => client.send(rest));
    });
    for (let steps = 0; handler.started.length < clients.length; steps++) {
      assert.ok(steps < 1000, "it goes on");
      assert.ok(server.stats.requestMemoryBytes <= budget, `${server.stats.requestMemoryBytes} bytes`);
      await clock.advance(1);
    }
    assert.deepEqual(await Promise.all(replies), clients.map((_, id) => [id]));
    await Promise.all(sending);
  }, { limits: { requestMemoryBytes: budget, maxFrameBytes: 3 * MIB } });
});

Deno.test("a request of the largest size is served, and one byte more is not", async () => {
  await withServer(async ({ connect, clock, events }) => {
    const client = connect();
    sendInBackground(client, requestBytes(PIPELINED, 1, 5 * MIB - 8));
    assert.deepEqual(await soon(clock, client.ids(1)), [1]);
    sendInBackground(client, requestBytes(PIPELINED, 2, 5 * MIB - 7));
    assert.equal(await client.ending(), "closed");
    assert.deepEqual(closeReasons(events), ["bad_frame"]);
  }, { limits: { requestMemoryBytes: 1, maxFrameBytes: 5 * MIB } });
});

Deno.test("a large request that trickles in is closed once others wait for memory", async () => {
  await withServer(async ({ connect, clock, events }) => {
    const [trickler, steady] = [connect(), connect()];
    const bytes = requestBytes(PIPELINED, 1, MIB - 8);
    await trickler.send(bytes.subarray(0, 60 * KIB));
    let sent = 60 * KIB;
    const trickle = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        sendInBackground(trickler, bytes.subarray(sent, ++sent));
        sendInBackground(steady, requestBytes(PIPELINED, 3, 300 * KIB));
        assert.deepEqual(await soon(clock, steady.ids(1)), [3]);
        await clock.advance(1000);
      }
    };
    await trickle(60);
    assert.equal(events.length, 0);
    const good = connect();
    sendInBackground(good, requestBytes(PIPELINED, 2, MIB - 8));
    const reply = good.ids(1);
    await trickle(3);
    assert.deepEqual(closeReasons(events), ["stalled_request"]);
    assert.deepEqual(await soon(clock, reply), [2]);
  }, { limits: { requestMemoryBytes: MIB, maxFrameBytes: MIB } });
});

Deno.test("a request behind a long poll takes no memory before its turn", async () => {
  await withServer(async ({ handler, connect, clock, server }) => {
    handler.answer = (request) =>
      new Promise((resolve) => clock.setTimer(5000, () => resolve(handler.reply(request))));
    const client = connect();
    sendInBackground(client, requestBytes(EXCLUSIVE, 1), requestBytes(PIPELINED, 2, MIB));
    await clock.advance(4999);
    assert.equal(server.stats.requestMemoryBytes, 0);
    assert.deepEqual(await soon(clock, client.ids(2)), [1, 2]);
  });
});

Deno.test("who holds memory and takes no responses is not waited for long", async () => {
  await withServer(async ({ handler, connect, clock, events }) => {
    handler.answer = (request) => handler.reply(request, 500_000);
    const client = connect();
    sendInBackground(
      client,
      requestBytes(EXCLUSIVE, 1),
      requestBytes(PIPELINED, 2, MIB).subarray(0, 100_000),
    );
    await clock.advance(9000);
    assert.equal(events.length, 0);
    await clock.advance(2000);
    assert.deepEqual(closeReasons(events), ["slow_reader"]);
  });
});

Deno.test("a client that waits for memory is not blamed for it", async () => {
  await withServer(async ({ connect, clock, events }) => {
    // Two that trickle, and one that lacks the last bit because of them.
    const tricklers = [connect(), connect()];
    const bytes = requestBytes(PIPELINED, 1, 500 * KIB);
    await tricklers[0]!.send(bytes.subarray(0, 300 * KIB));
    await tricklers[1]!.send(bytes.subarray(0, 20 * KIB));
    const patient = connect();
    sendInBackground(patient, requestBytes(PIPELINED, 2, 500 * KIB));
    const reply = patient.ids(1);
    await clock.advance(0);
    for (let second = 0; second < 40; second++) {
      for (const trickler of tricklers) sendInBackground(trickler, Uint8Array.of(1));
      if (second === 25) assert.equal(events.length, 0);
      await clock.advance(1000);
    }
    assert.deepEqual(await soon(clock, reply), [2]);
    assert.deepEqual(new Set(closeReasons(events)), new Set(["stalled_request"]));
  }, { limits: { requestMemoryBytes: MIB, maxFrameBytes: MIB - 4 } });
});

Deno.test("a connection on which nothing moves is closed, and one that is used is not", async () => {
  await withServer(async ({ connect, clock, events, server }) => {
    const [idle, used, midFrame] = [connect(), connect(), connect()];
    await midFrame.send(requestBytes(PIPELINED, 1).subarray(0, 5));
    for (let minute = 0; minute < 11; minute++) {
      await used.send(requestBytes(PIPELINED, minute));
      assert.deepEqual(await used.ids(1), [minute]);
      await clock.advance(60_000);
    }
    assert.deepEqual(closeReasons(events), ["idle", "idle"]);
    assert.equal(await idle.ending(), "closed");
    assert.equal(server.stats.connections, 1);
  });
});

Deno.test("a connection that has to be quiet is closed when nothing moves on it, however long the pause", async () => {
  await withServer(async ({ handler, connect, clock, events, server }) => {
    handler.answer = (request) => ({ ...handler.reply(request), muteMs: 24 * 60 * 60_000 });
    const [gone, patient] = [connect(), connect()];
    for (const client of [gone, patient]) {
      await client.send(requestBytes(EXCLUSIVE, 1));
      assert.deepEqual(await client.ids(1), [1]);
    }
    await gone.send(requestBytes(EXCLUSIVE, 2));
    gone.socket.close();
    await clock.advance(11 * 60_000);
    assert.deepEqual(closeReasons(events), ["idle", "idle"]);
    assert.equal(server.stats.connections, 0);
    assert.deepEqual(handler.started, [1, 1]);
  });
});

Deno.test("a client that has to pause keeps no memory for its next request from those who wait for some", async () => {
  for (const isWhole of [false, true]) {
    await withServer(async ({ handler, connect, clock, events }) => {
      const answer = Promise.withResolvers<void>();
      handler.answer = async (request) => {
        if (request.id !== 1) return handler.reply(request);
        await answer.promise;
        return { ...handler.reply(request), muteMs: 60 * 60_000 };
      };
      const [greedy, other] = [connect(), connect()];
      const next = requestBytes(EXCLUSIVE, 2, 900 * KIB);
      await greedy.send(requestBytes(PIPELINED, 1));
      sendInBackground(greedy, isWhole ? next : next.subarray(0, 800 * KIB));
      await clock.advance(0);
      answer.resolve();
      assert.deepEqual(await soon(clock, greedy.ids(1)), [1]);
      // As long as nobody waits it may have what it has.
      await clock.advance(30_000);
      assert.deepEqual(closeReasons(events), []);
      sendInBackground(other, requestBytes(EXCLUSIVE, 3, 900 * KIB));
      assert.deepEqual(await soon(clock, other.ids(1)), [3]);
      assert.deepEqual(closeReasons(events), ["stalled_request"]);
    }, { limits: { requestMemoryBytes: MIB, maxFrameBytes: MIB - 4 } });
  }
});

Deno.test("a connection that waits for its reply is not idle", async () => {
  await withServer(async ({ handler, connect, clock, events }) => {
    handler.answer = (request) =>
      new Promise((resolve) => clock.setTimer(60 * 60_000, () => resolve(handler.reply(request))));
    const client = connect();
    await client.send(requestBytes(EXCLUSIVE, 1));
    await clock.advance(60 * 60_000 + 1);
    assert.deepEqual(await client.ids(1), [1]);
    assert.equal(events.length, 0);
  });
});

Deno.test("connections beyond the limits are refused, with an event for the first ones", async () => {
  await withServer(async ({ connect, clock, events, server }) => {
    const kept = [connect("10.0.0.1"), connect("10.0.0.1"), connect("10.0.0.2")];
    await clock.advance(0);
    assert.equal(await connect("10.0.0.1").ending(), "closed");
    kept.push(connect("10.0.0.3"));
    await clock.advance(0);
    for (let more = 0; more < 20; more++) assert.equal(await connect("10.0.0.9").ending(), "closed");
    assert.equal(server.stats.connections, 4);
    assert.equal(server.stats.refused, 21);
    const refusals = events.map((event) => event.type === "connection_refused" ? event.reason : event.type);
    assert.deepEqual(refusals, ["too_many_from_address", ...Array(10).fill("too_many_connections")]);
    await clock.advance(10_000);
    assert.equal(await connect("10.0.0.9").ending(), "closed");
    const last = events.at(-1);
    assert.ok(last?.type === "connection_refused" && last.suppressed === 10);
    // A place that is given up is free again.
    kept[0]?.socket.close();
    await clock.advance(0);
    const next = connect("10.0.0.1");
    await next.send(requestBytes(PIPELINED, 1));
    assert.deepEqual(await next.ids(1), [1]);
  }, { limits: { maxConnections: 4, maxConnectionsPerAddress: 2 } });
});

Deno.test("when the system has no connections to give, the server asks again later", async () => {
  await withServer(async ({ network, connect, clock, events, server }) => {
    network.failAccepts({ host: "", port: 9092 }, 7);
    const client = connect();
    await client.send(requestBytes(PIPELINED, 1));
    assert.deepEqual(await soon(clock, client.ids(1)), [1]);
    const waits = events.map((event) => event.type === "accept_failed" && event.retryInMs);
    assert.deepEqual(waits, [50, 100, 200, 400, 800, 1000, 1000]);
    // A stop does not wait for the next try.
    network.failAccepts({ host: "", port: 9092 }, 1);
    await clock.advance(0);
    client.socket.close();
    await soon(clock, server.stop(0));
  });
});

Deno.test("when the system has no descriptors left, the newest connections leave some to the broker", async () => {
  await withServer(async ({ network, connect, clock, server }) => {
    const clients = Array.from({ length: 300 }, () => connect());
    await clock.advance(0);
    assert.equal(server.stats.connections, 300);
    network.failAccepts({ host: "", port: 9092 }, 1);
    const late = connect();
    await clock.advance(0);
    assert.equal(server.stats.connections, 236);
    assert.equal(await clients.at(-1)!.ending(), "closed");
    // There are no more until half of them have gone.
    await clock.advance(100);
    assert.equal(await late.ending(), "closed");
    for (const { socket } of clients.slice(0, 120)) socket.close();
    await clock.advance(0);
    const next = connect();
    await next.send(requestBytes(PIPELINED, 1));
    assert.deepEqual(await next.ids(1), [1]);
  });
});

Deno.test("an orderly stop finishes what is under way, starts nothing more and tells long polls", async () => {
  await withServer(async ({ handler, connect, clock, server, events, network }) => {
    handler.answer = (request) =>
      new Promise<Reply>((resolve) => {
        const { client } = request;
        if (request.key === EXCLUSIVE) client.onEnding(() => resolve(handler.reply(request)));
        else clock.setTimer(500, () => resolve(handler.reply(request)));
      });
    const [polling, producing, idle] = [connect(), connect(), connect()];
    await polling.send(requestBytes(EXCLUSIVE, 1), requestBytes(EXCLUSIVE, 2));
    await producing.send(requestBytes(PIPELINED, 3), requestBytes(PIPELINED, 4), prefixBytes(100));
    await clock.advance(0);
    const stopped = server.stop(5000);
    await clock.advance(0);
    assert.throws(() => network.connect({ host: "", port: 9092 }), { code: "CONNECTION_CLOSED" });
    assert.deepEqual(await polling.ids(1), [1]);
    await producing.send(requestBytes(PIPELINED, 5));
    assert.deepEqual(await soon(clock, producing.ids(2)), [3, 4]);
    for (const client of [polling, producing, idle]) {
      assert.equal(await client.reply(), null);
      client.socket.close();
    }
    await soon(clock, stopped);
    assert.deepEqual(handler.started, [1, 3, 4]);
    assert.equal(events.length, 0);
    assert.ok(clock.monotonicMs() < 1000, "nobody was waited for in vain");
  });
});

Deno.test("a stop does not wait beyond its deadline, nor long for clients that do not hang up", async () => {
  await withServer(async ({ handler, connect, clock, server, events }) => {
    handler.answer = (request) =>
      request.id === 1 ? new Promise<Reply>(() => {}) : handler.reply(request, 500_000);
    const [stuck, slow, polite] = [connect(), connect(), connect()];
    await stuck.send(requestBytes(EXCLUSIVE, 1));
    await slow.send(requestBytes(EXCLUSIVE, 2));
    await clock.advance(0);
    const stopped = server.stop(3000);
    await clock.advance(500);
    assert.equal(server.stats.connections, 2);
    assert.equal(await polite.ending(), "closed");
    await clock.advance(3000);
    await stopped;
    assert.deepEqual(events, [{ type: "connections_cut", count: 2 }]);
    assert.equal(handler.unreleased, 0);
    assert.equal(await slow.ending(), "closed");
  });
});
