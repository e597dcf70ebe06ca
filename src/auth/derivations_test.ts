import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { Derivations } from "./derivations.ts";

Deno.test("two are under way at a time, the others in their order, and one that fails makes room like any other", async () => {
  const derivations = new Derivations();
  const started: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const runs = ends.map(({ promise }, index) =>
    derivations.run(() => {
      started.push(index);
      return promise;
    })
  );
  const failing = rejects(runs[0] ?? Promise.resolve(), /no more/);
  deepStrictEqual(started, [0, 1]);
  ends[0]?.reject(new Error("no more"));
  await failing;
  deepStrictEqual(started, [0, 1, 2]);
  ends[1]?.resolve(7);
  strictEqual(await runs[1], 7);
  deepStrictEqual(started, [0, 1, 2, 3]);
  for (const { resolve } of ends) resolve(0);
  await Promise.allSettled(runs);
  deepStrictEqual(started, [0, 1, 2, 3, 4]);
});
