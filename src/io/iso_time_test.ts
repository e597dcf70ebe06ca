import assert from "node:assert/strict";
import fc from "fast-check";
import { isoTime } from "./iso_time.ts";

const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

Deno.test("isoTime() writes any time until the year 9999 as Date does", () => {
  const leapDay = Date.UTC(2024, 1, 29, 23, 59, 59, 999);
  for (const ms of [0, leapDay, leapDay + 1, Date.UTC(2100, 1, 28), Date.UTC(2000, 1, 29), LAST_MS]) {
    assert.equal(isoTime(ms), new Date(ms).toISOString());
  }
  fc.assert(fc.property(fc.integer({ min: 0, max: LAST_MS }), (ms) => {
    assert.equal(isoTime(ms), new Date(ms).toISOString());
  }));
});
