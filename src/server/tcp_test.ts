/** The server over real TCP: the same promises as in the simulated network, with the system's own habits. */
import assert from "node:assert/strict";
import { concatBytes } from "../base/bytes.ts";
import type { KliteEvent } from "../io/events.ts";
import { DenoClock } from "../io/deno/clock.ts";
import { DenoNetwork } from "../io/deno/network.ts";
import type { Address, Socket } from "../io/network.ts";
import type { ServerLimits } from "./limits.ts";
import type { Reply } from "./request_handler.ts";
import { Server } from "./server.ts";
import {
  closeReasons,
  EXCLUSIVE,
  PIPELINED,
  prefixBytes,
  requestBytes,
  TestClient,
  TestHandler,
} from "./server_in_sim_test.ts";

const MIB = 1024 * 1024;

interface TcpWorld {
  readonly server: Server;
  readonly handler: TestHandler;
  readonly events: KliteEvent[];
  connect(): Promise<TestClient<TcpSocket>>;
}

/** A client's end of a TCP connection. */
class TcpSocket implements Socket {
  readonly #connection: Deno.TcpConn;
  readonly local: Address;
  readonly remote: Address;
  readonly peer = null;

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.local = { host: connection.localAddr.hostname, port: connection.localAddr.port };
    this.remote = { host: connection.remoteAddr.hostname, port: connection.remoteAddr.port };
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#connection.read(into);
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }

  closeWrite(): Promise<void> {
    return this.#connection.closeWrite();
  }

  close(): void {
    this.#connection.close();
  }
}

async function withTcpServer(
  test: (world: TcpWorld) => Promise<void>,
  options: { readonly limits?: Partial<ServerLimits>; readonly stopMs?: number } = {},
): Promise<void> {
  const handler = new TestHandler();
  const events: KliteEvent[] = [];
  const fatal: unknown[] = [];
  const server = new Server({
    network: new DenoNetwork(),
    clock: new DenoClock(),
    handler,
    events: (event) => events.push(event),
    onFatal: (error) => fatal.push(error),
    authStage: null,
    connectionRate: () => null,
    limits: options.limits ?? {},
  });
  const { port } = server.listen({ host: "127.0.0.1", port: 0 });
  const sockets: TcpSocket[] = [];
  const connect = async (): Promise<TestClient<TcpSocket>> => {
    const socket = new TcpSocket(await Deno.connect({ hostname: "127.0.0.1", port }));
    sockets.push(socket);
    return new TestClient(socket);
  };
  try {
    await test({ server, handler, events, connect });
  } finally {
    await server.stop(options.stopMs ?? 0);
    for (const socket of sockets) socket.close();
  }
  assert.deepEqual(fatal, []);
  assert.equal(handler.unreleased, 0);
  assert.equal(server.stats.unsentBytes, 0);
}

/** Turns of the real event loop until `condition` holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

Deno.test("TCP: pipelined requests of all sizes are answered in order", async () => {
  await withTcpServer(async ({ handler, connect }) => {
    handler.answer = (request) => Promise.resolve().then(() => handler.reply(request));
    const sizes = [0, 1000, 12_000, 70_000, 3, 300_000, 2_000_000, 5, 65_600, 65_600, 9_000_000, 1];
    const requests = sizes.map((size, id) => requestBytes(id % 3 === 0 ? EXCLUSIVE : PIPELINED, id, size));
    const client = await connect();
    const sending = client.send(...requests);
    for (const [id, bodyBytes] of sizes.entries()) assert.deepEqual(await client.reply(), { id, bodyBytes });
    await sending;
  });
});

Deno.test("TCP: many connections at once each get their own answers", async () => {
  await withTcpServer(async ({ handler, connect, server }) => {
    handler.answer = (request) => Promise.resolve().then(() => handler.reply(request, request.id));
    const clients = await Promise.all(Array.from({ length: 50 }, connect));
    await Promise.all(clients.map(async (client, who) => {
      for (let round = 0; round < 10; round++) {
        const ids = Array.from({ length: 8 }, (_, index) => who * 100 + round * 8 + index);
        await client.send(...ids.map((id) => requestBytes(PIPELINED, id, id)));
        assert.deepEqual(await client.ids(8), ids);
      }
    }));
    assert.equal(server.stats.requests, 50 * 80);
  });
});

Deno.test("TCP: a client that vanishes in the middle of a frame takes nobody with it", async () => {
  await withTcpServer(async ({ connect, events, server }) => {
    const good = await connect();
    for (const sent of [1, 4, 9, 5000, 500_000]) {
      const { socket } = await connect();
      await socket.write(requestBytes(PIPELINED, 1, MIB).subarray(0, sent));
      await socket.closeWrite();
      await good.send(requestBytes(EXCLUSIVE, sent));
      assert.deepEqual(await good.ids(1), [sent]);
    }
    await until(() => server.stats.connections === 1);
    assert.equal(events.length, 0);
  });
});

Deno.test("TCP: a reset while answers are being written takes nobody with it", async () => {
  await withTcpServer(async ({ handler, server }) => {
    handler.answer = (request) => handler.reply(request, 8 * MIB);
    const { port } = server.listen({ host: "127.0.0.1", port: 0 });
    for (let round = 0; round < 10; round++) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await connection.write(concatBytes([1, 2, 3].map((id) => requestBytes(EXCLUSIVE, id))));
      await connection.read(new Uint8Array(10));
      // With unread bytes this is a reset.
      connection.close();
    }
    await until(() => server.stats.connections === 0);
    assert.equal(handler.unreleased, 0);
  });
});

Deno.test("TCP: a client that reads nothing is held back", async () => {
  await withTcpServer(async ({ handler, connect, server }) => {
    handler.answer = (request) => handler.reply(request, 100_000);
    const [slow, good] = [await connect(), await connect()];
    const requests = concatBytes(Array.from({ length: 20_000 }, (_, id) => requestBytes(EXCLUSIVE, id)));
    const sending = slow.socket.write(requests).catch(() => {});
    // What the system buffers differs; the server stops when that is full.
    let started = -1;
    while (started !== handler.started.length) {
      started = handler.started.length;
      for (let round = 0; round < 20; round++) {
        await good.send(requestBytes(EXCLUSIVE, 1));
        await good.ids(1);
      }
      started += 20;
    }
    assert.ok(server.stats.unsentBytes <= 2 * MIB + 200_000, `${server.stats.unsentBytes} bytes`);
    await server.stop(0);
    await sending;
  });
});

Deno.test("TCP: garbage ends its connection only, and earlier answers still arrive", async () => {
  await withTcpServer(async ({ handler, connect, events }) => {
    handler.answer = (request) =>
      new Promise<Reply>((resolve) => setTimeout(() => resolve(handler.reply(request)), 5));
    const [bad, good] = [await connect(), await connect()];
    await bad.send(requestBytes(PIPELINED, 1), prefixBytes(-5), new Uint8Array(100_000));
    assert.deepEqual(await bad.ids(1), [1]);
    assert.equal(await bad.reply(), null);
    await good.send(requestBytes(EXCLUSIVE, 2));
    assert.deepEqual(await good.ids(1), [2]);
    assert.deepEqual(closeReasons(events), ["bad_frame"]);
  });
});

Deno.test("TCP: an orderly stop answers what is under way and refuses what comes", async () => {
  await withTcpServer(async ({ handler, connect, server }) => {
    handler.answer = (request) =>
      new Promise<Reply>((resolve) => {
        if (request.id === 1) request.client.onEnding(() => resolve(handler.reply(request, 3 * MIB)));
        else setTimeout(() => resolve(handler.reply(request)), 20);
      });
    const [polling, producing] = [await connect(), await connect()];
    await polling.send(requestBytes(EXCLUSIVE, 1));
    await producing.send(requestBytes(PIPELINED, 2));
    await until(() => handler.started.length === 2);
    const { port } = polling.socket.remote;
    const stopped = server.stop(10_000);
    const answers = Promise.all([polling.ids(1), producing.ids(1)]);
    await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port }));
    assert.deepEqual(await answers, [[1], [2]]);
    await stopped;
    assert.equal(await polling.reply(), null);
  });
});

Deno.test("TCP: a taken address is refused with its name; an empty host is every interface", async () => {
  await withTcpServer(async ({ server }) => {
    const everywhere = server.listen({ host: "", port: 0 });
    assert.throws(() => server.listen(everywhere), { code: "ADDRESS_UNAVAILABLE" });
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: everywhere.port });
    await connection.write(requestBytes(EXCLUSIVE, 1));
    assert.equal(await connection.read(new Uint8Array(100)), 12);
    connection.close();
  });
});
