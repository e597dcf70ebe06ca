import { strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { parseDuration } from "./duration.ts";

Deno.test("parseDuration() reads what Go writes", () => {
  const valid: [string, number][] = [
    ["0", 0],
    ["-0", 0],
    ["+0", 0],
    ["0s", 0],
    ["200ms", 200],
    ["24h0m0s", 86_400_000],
    ["1.5h", 5_400_000],
    ["1h15m30.918s", 4_530_918],
    [".5s", 500],
    ["1.s", 1000],
    ["-2s", -2000],
    ["+3m", 180_000],
    ["1500us", 1.5],
    ["1µs", 0.001],
    ["1μs", 0.001],
    ["1000000ns", 1],
    ["1s1s", 2000],
  ];
  for (const [text, ms] of valid) strictEqual(parseDuration(text), ms, text);
});

Deno.test("parseDuration() refuses numbers without a unit and everything else", () => {
  for (
    const text of ["", "-", "+", "1", "1.5", "s", ".s", "1 s", "1d", "1S", "1s2", "--1s", "1,5s", "1e3s", "∞"]
  ) {
    strictEqual(parseDuration(text), null, text);
  }
});

Deno.test("parseDuration() adds up whole hours, minutes, seconds and milliseconds", () => {
  const small = fc.nat(10_000);
  fc.assert(fc.property(small, small, small, small, (hours, minutes, seconds, ms) => {
    const expected = ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
    strictEqual(parseDuration(`${hours}h${minutes}m${seconds}s${ms}ms`), expected);
  }));
});
