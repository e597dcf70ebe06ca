import assert from "node:assert/strict";
import { KliteError } from "../../base/klite_error.ts";
import type { Socket } from "../network.ts";
import { SimNetwork } from "./network.ts";

const ADDRESS = { host: "", port: 9092 };
const isClosed = (error: unknown): boolean =>
  error instanceof KliteError && error.code === "CONNECTION_CLOSED";

async function pair(windowBytes?: number) {
  const network = new SimNetwork(windowBytes === undefined ? {} : { windowBytes });
  const listener = network.listen(ADDRESS);
  const client = network.connect(ADDRESS);
  const server = await listener.accept();
  assert.ok(server !== null);
  return { network, listener, client, server };
}

async function readSome(socket: Socket, room = 100): Promise<number[] | null> {
  const into = new Uint8Array(room);
  const count = await socket.read(into);
  return count === null ? null : [...into.subarray(0, count)];
}

Deno.test("bytes arrive in order, one write at a time", async () => {
  const { client, server } = await pair();
  await client.write(Uint8Array.of(1, 2, 3));
  await client.write(Uint8Array.of(4));
  assert.deepEqual(await readSome(server, 2), [1, 2]);
  assert.deepEqual(await readSome(server), [3]);
  assert.deepEqual(await readSome(server), [4]);
  assert.equal(client.remote.port, server.local.port);
});

Deno.test("a writer waits while the window is full", async () => {
  const { client, server } = await pair(4);
  let written = false;
  const writing = client.write(new Uint8Array(6)).then(() => written = true);
  await Promise.resolve();
  assert.equal(server.unreadBytes, 4);
  assert.equal(written, false);
  await readSome(server, 3);
  await writing;
  assert.equal(server.unreadBytes, 3);
});

Deno.test("a half-close ends the stream behind its bytes and leaves the other way open", async () => {
  const { client, server } = await pair();
  await client.write(Uint8Array.of(1));
  await client.closeWrite();
  assert.deepEqual(await readSome(server), [1]);
  assert.equal(await readSome(server), null);
  await server.write(Uint8Array.of(2));
  assert.deepEqual(await readSome(client), [2]);
});

Deno.test("a reset fails what is pending and what comes later, on both ends", async () => {
  const { client, server } = await pair(1);
  const reading = server.read(new Uint8Array(1));
  const writing = server.write(new Uint8Array(5));
  client.reset();
  await assert.rejects(reading, isClosed);
  await assert.rejects(writing, isClosed);
  await assert.rejects(client.read(new Uint8Array(1)), isClosed);
});

Deno.test("closing with unread bytes resets the peer, closing without ends its stream", async () => {
  const rude = await pair();
  await rude.client.write(Uint8Array.of(1));
  rude.server.close();
  await assert.rejects(rude.client.read(new Uint8Array(1)), isClosed);
  const polite = await pair();
  polite.server.close();
  assert.equal(await readSome(polite.client), null);
});

Deno.test("one listener for each address; a closed one hands out nothing more", async () => {
  const { network, listener } = await pair();
  assert.throws(() => network.listen(ADDRESS), { code: "ADDRESS_UNAVAILABLE" });
  const accepting = listener.accept();
  listener.close();
  assert.equal(await accepting, null);
  assert.throws(() => network.connect(ADDRESS), isClosed);
  network.listen(ADDRESS);
});
