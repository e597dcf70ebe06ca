import assert from "node:assert/strict";
import fc from "fast-check";
import { concatBytes } from "../base/bytes.ts";
import { AssertionError } from "../base/assert.ts";
import { ProtocolError } from "../protocol/mod.ts";
import { SimRandom } from "../io/sim/random.ts";
import { NO_REPLY, type Reply } from "./request_handler.ts";
import {
  closeReasons,
  EXCLUSIVE,
  PIPELINED,
  prefixBytes,
  requestBytes,
  soon,
  type TestReply,
  type TestRequest,
  withServer,
} from "./server_in_sim_test.ts";

/** Replies that wait until the test lets them go. */
class Gate {
  readonly #waiting = new Map<number, () => void>();

  hold = (request: TestRequest, reply: () => Reply): Promise<Reply> =>
    new Promise((resolve) => this.#waiting.set(request.id, () => resolve(reply())));

  open(...ids: readonly number[]): void {
    for (const id of ids) this.#waiting.get(id)?.();
  }
}

Deno.test("any split of the byte stream gives the same replies in the same order", async () => {
  const request = fc.record({
    key: fc.constantFrom(PIPELINED, EXCLUSIVE),
    bodyBytes: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 300 }) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 200_000, max: 700_000 }) },
    ),
    delayMs: fc.integer({ min: -1, max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { minLength: 1, maxLength: 12 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }),
      fc.option(fc.integer(), { nil: undefined }),
      async (requests, cuts, readSeed) => {
        await withServer(async ({ clock, handler, connect }) => {
          handler.answer = (request) => {
            const delayMs = requests[request.id]!.delayMs;
            if (delayMs < 0) return handler.reply(request);
            return new Promise((resolve) => clock.setTimer(delayMs, () => resolve(handler.reply(request))));
          };
          const client = connect();
          const bytes = concatBytes(
            requests.map(({ key, bodyBytes }, id) => requestBytes(key, id, bodyBytes)),
          );
          const ends = cuts.map((cut) => Math.floor(cut * bytes.length)).sort((a, b) => a - b);
          const sending = (async () => {
            let start = 0;
            for (const end of [...ends, bytes.length]) {
              if (end > start) await client.socket.write(bytes.subarray(start, end));
              start = end;
            }
          })();
          const replies: (TestReply | null)[] = [];
          while (replies.length < requests.length) replies.push(await soon(clock, client.reply()));
          await sending;
          assert.deepEqual(replies, requests.map(({ bodyBytes }, id) => ({ id, bodyBytes })));
          assert.deepEqual(handler.started, requests.map((_, id) => id));
        }, readSeed === undefined ? {} : { network: { random: new SimRandom(readSeed) } });
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("requests that come byte by byte are answered", async () => {
  await withServer(async ({ connect }) => {
    const client = connect();
    const bytes = concatBytes([requestBytes(PIPELINED, 1, 3), requestBytes(EXCLUSIVE, 2, 0)]);
    for (const byte of bytes) await client.send(Uint8Array.of(byte));
    assert.deepEqual(await client.reply(), { id: 1, bodyBytes: 3 });
    assert.deepEqual(await client.reply(), { id: 2, bodyBytes: 0 });
  });
});

Deno.test("replies leave in the order of their requests, whatever order they are ready in", async () => {
  await withServer(async ({ handler, connect, clock }) => {
    const gate = new Gate();
    handler.answer = (request) => gate.hold(request, () => handler.reply(request));
    const client = connect();
    await client.send(...[1, 2, 3, 4].map((id) => requestBytes(PIPELINED, id)));
    await clock.advance(0);
    assert.deepEqual(handler.started, [1, 2, 3, 4]);
    gate.open(4, 2, 3);
    await clock.advance(0);
    assert.equal(client.socket.unreadBytes, 0);
    gate.open(1);
    assert.deepEqual(await client.ids(4), [1, 2, 3, 4]);
  });
});

Deno.test("small replies that are ready together leave in one write", async () => {
  await withServer(async ({ handler, connect, clock }) => {
    const gate = new Gate();
    handler.answer = (request) =>
      gate.hold(request, () => handler.reply(request, request.id === 5 ? 20_000 : 0));
    const client = connect();
    await client.send(...[1, 2, 3, 4, 5, 6].map((id) => requestBytes(PIPELINED, id)));
    await clock.advance(0);
    gate.open(1, 2, 3, 4, 5, 6);
    assert.deepEqual(await client.ids(6), [1, 2, 3, 4, 5, 6]);
    // Four merged, the large one alone and uncopied, the last one.
    assert.equal(client.reads, 3);
  });
});

Deno.test("a request that must be alone waits for those before it and holds up those behind it", async () => {
  await withServer(async ({ handler, connect, clock }) => {
    const gate = new Gate();
    handler.answer = (request) => gate.hold(request, () => handler.reply(request));
    const client = connect();
    const keys = [PIPELINED, PIPELINED, EXCLUSIVE, EXCLUSIVE, PIPELINED, PIPELINED];
    await client.send(...keys.map((key, id) => requestBytes(key, id)));
    const startedAfter = async (...ids: readonly number[]): Promise<number> => {
      gate.open(...ids);
      await clock.advance(0);
      return handler.started.length;
    };
    assert.equal(await startedAfter(), 2);
    assert.equal(await startedAfter(1), 2);
    assert.equal(await startedAfter(0), 3);
    assert.equal(await startedAfter(2), 4);
    assert.equal(await startedAfter(3), 6);
    gate.open(4, 5);
    assert.deepEqual(await client.ids(6), [0, 1, 2, 3, 4, 5]);
  });
});

Deno.test("so many requests of a connection are under way together, and no more", async () => {
  await withServer(async ({ handler, connect, clock }) => {
    const gate = new Gate();
    handler.answer = (request) => gate.hold(request, () => handler.reply(request));
    const client = connect();
    const ids = Array.from({ length: 10 }, (_, id) => id);
    await client.send(...ids.map((id) => requestBytes(PIPELINED, id)));
    await clock.advance(0);
    assert.equal(handler.started.length, 3);
    for (const id of ids) {
      gate.open(id);
      await clock.advance(0);
    }
    assert.deepEqual(await client.ids(10), ids);
    assert.equal(handler.mostUnderWay, 3);
  }, { limits: { maxInFlight: 3 } });
});

Deno.test("a request without a reply leaves no trace in the stream", async () => {
  await withServer(async ({ handler, connect }) => {
    handler.answer = (request) => request.id % 2 === 0 ? Promise.resolve(NO_REPLY) : handler.reply(request);
    const client = connect();
    await client.send(...[1, 2, 3, 4, 5].map((id) => requestBytes(PIPELINED, id)));
    assert.deepEqual(await client.ids(3), [1, 3, 5]);
  });
});

Deno.test("a handler that wants to close does so behind the earlier replies and before the later ones", async () => {
  await withServer(async ({ handler, connect, clock, events }) => {
    const gate = new Gate();
    handler.answer = (request) =>
      gate.hold(
        request,
        () => request.id === 2 ? { kind: "close", reason: "no such thing" } : handler.reply(request),
      );
    const client = connect();
    await client.send(...[1, 2, 3].map((id) => requestBytes(PIPELINED, id)));
    await clock.advance(0);
    gate.open(3, 2);
    await clock.advance(0);
    assert.equal(events.length, 0);
    gate.open(1);
    assert.deepEqual(await client.ids(1), [1]);
    assert.equal(await client.reply(), null);
    assert.deepEqual(closeReasons(events), ["refused"]);
    client.socket.close();
  });
});

for (
  const [what, error, type] of [
    ["a request that does not decode", new ProtocolError("bytes are missing"), "connection_closed"],
    ["a fault in a handler", new TypeError("undefined is not a function"), "request_failed"],
  ] as const
) {
  for (const later of [false, true]) {
    Deno.test(`${what} ends its connection only${later ? ", also when it shows later" : ""}`, async () => {
      await withServer(async ({ handler, connect, events, fatal }) => {
        handler.answer = (request) => {
          if (request.id !== 2) return handler.reply(request);
          if (later) return Promise.reject(error);
          throw error;
        };
        const [bad, good] = [connect(), connect()];
        await bad.send(...[1, 2, 3].map((id) => requestBytes(EXCLUSIVE, id)));
        await good.send(requestBytes(EXCLUSIVE, 4));
        assert.deepEqual(await bad.ids(1), [1]);
        assert.equal(await bad.reply(), null);
        await good.send(requestBytes(EXCLUSIVE, 5));
        assert.deepEqual(await good.ids(2), [4, 5]);
        assert.deepEqual(events.map((event) => event.type), [type]);
        assert.deepEqual(fatal, []);
        assert.ok(!handler.started.includes(3));
      });
    });
  }
}

Deno.test("a broken invariant is not a matter of one connection", async () => {
  for (const later of [false, true]) {
    await withServer(async ({ handler, connect, fatal }) => {
      const error = new AssertionError("offsets went back");
      handler.answer = () => {
        if (later) return Promise.reject(error);
        throw error;
      };
      const client = connect();
      await client.send(requestBytes(EXCLUSIVE, 1));
      await client.ending();
      assert.deepEqual(fatal, [error]);
    }, { expectsFatal: true });
  }
});

for (const size of [-1, -2147483648, 0, 7, 1001, 2147483647]) {
  Deno.test(`a frame that says it has ${size} bytes ends its connection only, with one event`, async () => {
    await withServer(async ({ handler, connect, events }) => {
      const [bad, good] = [connect(), connect()];
      handler.answer = (request) => Promise.resolve(handler.reply(request));
      await bad.send(requestBytes(PIPELINED, 1), prefixBytes(size), new Uint8Array(500));
      assert.deepEqual(await bad.ids(1), [1]);
      assert.equal(await bad.reply(), null);
      await good.send(requestBytes(EXCLUSIVE, 2, 1000 - 8));
      assert.deepEqual(await good.ids(1), [2]);
      assert.deepEqual(closeReasons(events), [
        "bad_frame",
      ]);
    }, { limits: { maxFrameBytes: 1000 } });
  });
}

Deno.test("a client that speaks TLS or HTTP is recognized", async () => {
  await withServer(async ({ connect, events }) => {
    for (const bytes of [Uint8Array.of(0x16, 0x03, 0x01, 0x02), new TextEncoder().encode("GET / HTTP/1.1")]) {
      const client = connect();
      await client.send(bytes);
      assert.equal(await client.reply(), null);
      client.socket.close();
    }
    const details = events.map((event) => event.type === "connection_closed" ? event.detail : "");
    assert.match(details[0] ?? "", /TLS/);
    assert.match(details[1] ?? "", /HTTP/);
  });
});

Deno.test("a client may vanish at any byte", async () => {
  const bytes = concatBytes([
    requestBytes(PIPELINED, 1, 5),
    requestBytes(PIPELINED, 2, 20_000),
    requestBytes(EXCLUSIVE, 3, 5),
  ]);
  for (const how of ["close", "reset", "closeWrite"] as const) {
    for (let sent = 0; sent <= bytes.length; sent += sent > 40 && sent < 20_000 ? 997 : 1) {
      await withServer(async ({ handler, connect, clock, events, fatal, server }) => {
        handler.answer = (request) =>
          new Promise((resolve) => clock.setTimer(5, () => resolve(handler.reply(request))));
        const client = connect();
        await client.send(bytes.subarray(0, sent));
        await clock.advance(0);
        await client.socket[how]();
        await clock.advance(1000);
        assert.equal(server.stats.connections, 0);
        assert.equal(events.length, 0);
        assert.deepEqual(fatal, []);
      });
    }
  }
});

Deno.test("complete requests are served although their client has closed its side", async () => {
  await withServer(async ({ handler, connect, clock }) => {
    handler.answer = (request) =>
      new Promise((resolve) => clock.setTimer(5, () => resolve(handler.reply(request))));
    const client = connect();
    await client.send(...[1, 2, 3].map((id) => requestBytes(EXCLUSIVE, id)), prefixBytes(100));
    await client.socket.closeWrite();
    assert.deepEqual(await soon(clock, client.ids(3)), [1, 2, 3]);
    assert.equal(await client.reply(), null);
  });
});

Deno.test("a long poll learns that its client is gone, even with requests behind it", async () => {
  for (const [how, behind] of [["close", 0], ["reset", 0], ["closeWrite", 1]] as const) {
    await withServer(async ({ handler, connect, clock }) => {
      let told = 0;
      handler.answer = ({ id, client }) =>
        id !== 0 ? NO_REPLY : new Promise((resolve) => {
          client.onEnding(() => {
            told++;
            resolve(NO_REPLY);
          });
          const unneeded = (): void => assert.fail("it was taken back");
          client.onEnding(unneeded);
          client.offEnding(unneeded);
        });
      const client = connect();
      for (let id = 0; id <= behind; id++) await client.send(requestBytes(EXCLUSIVE, id));
      await clock.advance(0);
      assert.equal(told, 0);
      await client.socket[how]();
      await clock.advance(0);
      assert.equal(told, 1);
      assert.equal(handler.started.length, 1 + behind);
    });
  }
});

Deno.test("an answer may keep its connection quiet for a while, and the longest such answer counts", async () => {
  await withServer(async ({ handler, connect, clock }) => {
    const muteMs = new Map([[1, 500], [2, 2000], [3, 1000]]);
    handler.answer = (request) => ({ ...handler.reply(request), muteMs: muteMs.get(request.id) ?? 0 });
    const [muted, other] = [connect(), connect()];
    await muted.send(requestBytes(EXCLUSIVE, 1), requestBytes(PIPELINED, 4), requestBytes(EXCLUSIVE, 5));
    assert.deepEqual(await muted.ids(1), [1]);
    await clock.advance(499);
    await other.send(requestBytes(EXCLUSIVE, 6));
    assert.deepEqual(await other.ids(1), [6]);
    assert.deepEqual(handler.started, [1, 6]);
    await clock.advance(1);
    assert.deepEqual(await muted.ids(2), [4, 5]);

    const gate = new Gate();
    handler.answer = (request) =>
      gate.hold(request, () => ({ ...handler.reply(request), muteMs: muteMs.get(request.id) ?? 0 }));
    await muted.send(requestBytes(PIPELINED, 2), requestBytes(PIPELINED, 3));
    await clock.advance(0);
    gate.open(2, 3);
    assert.deepEqual(await muted.ids(2), [2, 3]);
    handler.answer = (request) => handler.reply(request);
    const sending = muted.send(requestBytes(EXCLUSIVE, 7, 200_000));
    await clock.advance(1999);
    assert.ok(muted.socket.unreadBytes === 0 && !handler.started.includes(7));
    await clock.advance(1);
    assert.deepEqual(await muted.ids(1), [7]);
    await sending;
  });
});

Deno.test("a connection that is kept quiet can still be ended", async () => {
  for (const how of ["close", "reset", "closeWrite", "stop"] as const) {
    await withServer(async ({ handler, connect, clock, server, events }) => {
      handler.answer = (request) => ({
        ...handler.reply(request),
        muteMs: request.id === 1 ? 8 * 60_000 : 0,
      });
      const client = connect();
      await client.send(requestBytes(EXCLUSIVE, 1));
      assert.deepEqual(await client.ids(1), [1]);
      await clock.advance(5 * 60_000);
      assert.equal(server.stats.connections, 1);
      await client.send(requestBytes(EXCLUSIVE, 2));
      if (how === "stop") await soon(clock, server.stop(1000));
      else {
        await client.socket[how]();
        await clock.advance(5 * 60_000);
      }
      await clock.advance(0);
      assert.equal(server.stats.connections, 0);
      // What was sent in whole is still served when its time comes.
      if (how !== "reset") assert.deepEqual(handler.started, how === "stop" ? [1] : [1, 2]);
      assert.deepEqual(events, []);
    });
  }
});
