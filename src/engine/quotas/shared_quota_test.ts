import assert from "node:assert/strict";
import { BytesQuota, RateQuota } from "./shared_quota.ts";

const PER_SECOND = 1_000_000;

/** A client that always wants more, and pauses as it is told; answers what it got in each stretch of ten seconds. */
function gotBy(requestBytes: number, inFlight: number): (fromMs: number, toMs: number) => number {
  const quota = new BytesQuota(0);
  quota.perSecond = PER_SECOND;
  const got: [atMs: number, bytes: number][] = [];
  for (let nowMs = 0; nowMs < 120_000;) {
    let pauseMs = 0;
    for (let request = 0; request < inFlight; request++) {
      got.push([nowMs, requestBytes]);
      pauseMs = Math.max(pauseMs, quota.use(requestBytes, nowMs));
    }
    nowMs += Math.max(pauseMs, 1);
  }
  return (fromMs, toMs) =>
    got.reduce((sum, [atMs, bytes]) => sum + (atMs >= fromMs && atMs < toMs ? bytes : 0), 0) * 1000 /
    (toMs - fromMs);
}

for (
  const [requestBytes, inFlight] of [[1100, 8], [16_400, 1], [16_400, 5], [65_600, 5], [
    1_000_000,
    1,
  ]] as const
) {
  Deno.test(`a client that always wants more gets its rate within a tenth, with ${inFlight} × ${requestBytes} bytes`, () => {
    const got = gotBy(requestBytes, inFlight);
    for (let fromMs = 12_000; fromMs < 80_000; fromMs += 1000) {
      const perSecond = got(fromMs, fromMs + 30_000);
      assert(Math.abs(perSecond - PER_SECOND) < PER_SECOND / 10, `${perSecond} from ${fromMs} ms on`);
    }
  });
}

Deno.test("a client that has not had to pause may have ten seconds' worth at once, as in Kafka", () => {
  const quota = new BytesQuota(0);
  quota.perSecond = 100;
  for (let nowMs = 0; nowMs < 100_000; nowMs += 12_000) assert.equal(quota.use(1000, nowMs), 0);
});

Deno.test("a client is paced until it has been calm for as long as windows are looked at", () => {
  const quota = new BytesQuota(0);
  quota.perSecond = 100;
  assert.equal(quota.use(1100, 0), 1000);
  // Its windows are over, and it may not have all at once yet.
  assert.equal(quota.use(1000, 11_500), 9500);
  assert.equal(quota.isAsNew(31_000), false);
  assert.equal(quota.isAsNew(33_000), true);
  assert.equal(quota.use(1000, 33_000), 0);
});

Deno.test("the first pause is the one of Kafka", () => {
  const quota = new BytesQuota(0);
  const rate = new RateQuota(0);
  quota.perSecond = rate.perSecond = 1000;
  for (let nowMs = 0, pauseMs = 0; pauseMs === 0; nowMs += 100) {
    pauseMs = rate.use(900, nowMs);
    assert.equal(quota.use(900, nowMs), pauseMs);
  }
});

Deno.test("what a client does not get is not counted, and the next fetch need not wait for it", () => {
  const quota = new BytesQuota(0);
  quota.perSecond = 100;
  assert.equal(quota.useIfMay(800, 0), 0);
  assert.equal(quota.useIfMay(800, 0), 6000);
  assert.equal(quota.useIfMay(800, 11_000), 0);
  // It had half a second's worth, so it has 750 to make up for; only then it goes on.
  assert.equal(quota.useIfMay(800, 11_000), 7500);
  assert.equal(quota.useIfMay(200, 18_500), 0);
});
