import assert from "node:assert/strict";
import fc from "fast-check";
import { ADDRESSES_MAX, ConnectionRates } from "./connection_rates.ts";

Deno.test("an address gets its rate, and what it did not take for ten seconds at once", () => {
  const rates = new ConnectionRates();
  const taken = (nowMs: number) => {
    let count = 0;
    while (rates.take("a", 5, nowMs) === 0) count++;
    return count;
  };
  assert.equal(taken(1000), 50);
  assert.equal(rates.take("a", 5, 1000), 200);
  assert.equal(rates.take("b", 5, 1000), 0, "others are others");
  assert.equal(taken(1199), 0);
  assert.equal(taken(1200), 1);
  assert.equal(taken(2200), 5);
  assert.equal(taken(100_000), 50);
});

Deno.test("less than one in ten seconds is possible, too, and nobody may come at a rate of nothing", () => {
  const rates = new ConnectionRates();
  assert.equal(rates.take("a", 0.01, 0), 0);
  assert.equal(rates.take("a", 0.01, 1000), 99_000);
  assert.equal(rates.take("a", 0.01, 100_000), 0);
  assert.ok(rates.take("b", 0, 0) > 0);
});

Deno.test("over any time there are no more than the rate allows, and no fewer if they are asked for", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 1000, noNaN: true }),
      fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 200 }),
      (perSecond, gapsMs) => {
        const rates = new ConnectionRates();
        const takenAtMs: number[] = [];
        let nowMs = 0;
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          const earlyMs = rates.take("a", perSecond, nowMs);
          if (earlyMs === 0) takenAtMs.push(nowMs);
          else {assert.ok(
              earlyMs <= 1000 / perSecond + 1e-6,
              "the next is due with the rate's interval at the latest",
            );}
        }
        const burst = Math.max(10 * perSecond, 1);
        for (const [first, fromMs] of takenAtMs.entries()) {
          for (const [later, atMs] of takenAtMs.slice(first).entries()) {
            const allowed = burst + perSecond * (atMs - fromMs) / 1000;
            assert.ok(later + 1 <= allowed + 1e-3, `${later + 1} in ${atMs - fromMs} ms`);
          }
        }
      },
    ),
  );
});

Deno.test("addresses are forgotten once they have nothing to be remembered for", () => {
  const rates = new ConnectionRates();
  for (let index = 0; index < 100; index++) rates.take(`host ${index}`, 1, index * 10);
  rates.trim(500);
  assert.equal(rates.size, 100);
  rates.trim(1500);
  assert.equal(rates.size, 49);
  rates.trim(5000);
  assert.equal(rates.size, 0);
});

Deno.test("however many addresses come, so many are remembered and no more", () => {
  const rates = new ConnectionRates();
  for (let address = 0; address <= 2 * ADDRESSES_MAX; address++) {
    assert.equal(rates.take(`address ${address}`, 1, 0), 0);
    if (address % 1000 === 0) assert.ok(rates.size <= ADDRESSES_MAX);
  }
  assert.ok(rates.size >= ADDRESSES_MAX / 2);
});
