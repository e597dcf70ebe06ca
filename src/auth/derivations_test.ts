import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { KliteError } from "../base/klite_error.ts";
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

Deno.test("whoever leaves before its turn is not waited for, and takes nobody's place", async () => {
  const derivations = new Derivations();
  const started: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const gone = new AbortController();
  const runs = ends.map(({ promise }, index) =>
    derivations.run(() => {
      started.push(index);
      return promise;
    }, index === 4 ? undefined : gone.signal)
  );
  gone.abort();
  const late = derivations.run(() => Promise.resolve(0), gone.signal);
  for (const run of [runs[2], runs[3], late]) {
    const isGone = (error: unknown) => error instanceof KliteError && error.code === "CONNECTION_CLOSED";
    await rejects(run ?? Promise.resolve(), isGone);
  }
  for (const { resolve } of ends) resolve(7);
  deepStrictEqual(await Promise.all([runs[0], runs[1], runs[4]]), [7, 7, 7]);
  deepStrictEqual(started, [0, 1, 4]);
  strictEqual(await derivations.run(() => Promise.resolve(8)), 8);
});
