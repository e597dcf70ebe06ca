import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { CountedStore } from "./counted_store.ts";
import { SimClock } from "./sim/clock.ts";
import { SimObjectStore } from "./sim/object_store.ts";
import { SimRandom } from "./sim/random.ts";
import { addStoreFigures, noStoreFigures } from "./store_figures.ts";

Deno.test("requests to a store are counted with their bytes, and what is not there is no failure", async () => {
  const clock = new SimClock();
  const store = new CountedStore(new SimObjectStore({ clock, random: new SimRandom(1) }), clock);
  await clock.run((async () => {
    await store.put("a", new Uint8Array(10));
    await store.put("b", new Uint8Array(5));
    await store.get("a", { fromByte: 0, lengthBytes: 4 });
    await rejects(store.get("missing"));
    await rejects(store.put("a", new Uint8Array(1), { ifAbsent: true }));
    await store.delete(["b"]);
    const listed = [];
    for await (const page of store.list("")) listed.push(...page);
    strictEqual(listed.length, 1);
  })());
  const figures = store.takeFigures();
  const counts = Object.entries(figures.operations).map(([name, { requests, failures }]) =>
    `${name} ${requests} ${failures}`
  );
  deepStrictEqual(counts.slice(0, 3), ["get 2 0", "head 0 0", "put 3 0"]);
  deepStrictEqual([figures.sentBytes, figures.receivedBytes], [15, 4]);
  strictEqual(store.takeFigures().sentBytes, 0);
  const sum = noStoreFigures();
  addStoreFigures(sum, figures);
  addStoreFigures(sum, figures);
  strictEqual(sum.operations.put.requests, 6);
});
