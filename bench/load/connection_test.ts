import assert from "node:assert/strict";
import { BrokerConnection } from "./connection.ts";

/** Frames of the given sizes; byte `n` of frame `i` is `i + n`. */
function frames(sizes: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + 4 + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [index, size] of sizes.entries()) {
    view.setInt32(at, size);
    for (let offset = 0; offset < size; offset++) bytes[at + 4 + offset] = index + offset;
    at += 4 + size;
  }
  return bytes;
}

Deno.test("responses are cut out whole, however the bytes arrive and however large they are", async () => {
  const sizes = [8, 300_000, 12, 5, 1_000_000, 262_140, 262_144, 9];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = (async () => {
    using peer = await listener.accept();
    const bytes = frames(sizes);
    for (let at = 0; at < bytes.length;) at += await peer.write(bytes.subarray(at, at + 70_001));
  })();
  const connection = await BrokerConnection.open({ host: "127.0.0.1", port: listener.addr.port });
  const received: number[] = [];
  while (received.length < sizes.length) {
    await connection.receive((bytes, start, end) => {
      const index = received.length;
      for (let at = start; at < end; at += 997) assert.equal(bytes[at], (index + at - start) & 0xff);
      received.push(end - start);
    });
  }
  assert.deepEqual(received, sizes);
  await assert.rejects(connection.receive(() => {}), /closed the connection/);
  await serve;
  connection.close();
  listener.close();
});
