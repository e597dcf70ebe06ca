import { deepStrictEqual } from "node:assert/strict";
import { Largest } from "./largest.ts";

function candidates(sizes: Readonly<Record<string, number>>) {
  return Object.entries(sizes).map(([key, size]) => ({ key, size }));
}

Deno.test("the largest are chosen, no more than there may be", () => {
  deepStrictEqual([...new Largest(2).choose(candidates({ a: 1, b: 3, c: 2 }))], ["b", "c"]);
});

Deno.test("whoever is chosen stays while it is among twice as many", () => {
  const largest = new Largest(2);
  largest.choose(candidates({ a: 9, b: 8, c: 1, d: 1, e: 1 }));
  deepStrictEqual([...largest.choose(candidates({ a: 9, b: 8, c: 10, d: 11, e: 1 }))], ["a", "b"]);
  deepStrictEqual([...largest.choose(candidates({ a: 9, b: 8, c: 10, d: 11, e: 12 }))], ["a", "e"]);
  deepStrictEqual([...largest.choose(candidates({ b: 8 }))], ["b"]);
});
