import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { SimRandom } from "./random.ts";

Deno.test("a seed determines everything, and another seed gives something else", () => {
  const draw = (seed: number) => {
    const random = new SimRandom(seed);
    return [...random.bytes(10), random.unit(), random.below(1000), random.fork().unit()];
  };
  deepEqual(draw(5), draw(5));
  notDeepEqual(draw(5), draw(6));
  notDeepEqual(draw(5), draw(5 + 2 ** 32));
});

Deno.test("numbers are spread evenly over their range", () => {
  const random = new SimRandom(1);
  const counts = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 10_000; draw++) counts[random.below(10)]!++;
  for (const count of counts) ok(count > 850 && count < 1150, `${counts}`);
  const bytes = random.bytes(40_001);
  equal(bytes.length, 40_001);
  const mean = bytes.reduce((sum, byte) => sum + byte, 0) / bytes.length;
  ok(mean > 125 && mean < 130, `${mean}`);
});
