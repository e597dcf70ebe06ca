import { rejects, strictEqual } from "node:assert/strict";
import { DenoDialer } from "./dial.ts";

Deno.test("a dialled connection carries bytes both ways", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const dialled = await new DenoDialer().connect({ host: "127.0.0.1", port: listener.addr.port }, 5000);
  const accepted = await listener.accept();
  await dialled.write(Uint8Array.of(1, 2));
  const into = new Uint8Array(8);
  strictEqual(await accepted.read(into), 2);
  await accepted.write(Uint8Array.of(3));
  strictEqual(await dialled.read(into), 1);
  dialled.close();
  accepted.close();
  listener.close();
});

Deno.test("an address that nobody answers is an error that names it", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = listener.addr.port;
  listener.close();
  await rejects(
    new DenoDialer().connect({ host: "127.0.0.1", port }, 5000),
    new RegExp(`127\\.0\\.0\\.1:${port}: nothing answers there`),
  );
});
