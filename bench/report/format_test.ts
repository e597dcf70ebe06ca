import assert from "node:assert/strict";
import {
  briefFailure,
  formatFactor,
  formatNumber,
  formatSpread,
  markdownTable,
  textTable,
} from "./format.ts";

Deno.test("numbers have three significant digits, and thousands are separated", () => {
  const shown = [0, 0.0612, 1.234, 9.996, 42.04, 99.96, 123.4, 999.7, 1234567.8].map(formatNumber);
  assert.deepEqual(shown, ["0", "0.06", "1.23", "10.0", "42.0", "100", "123", "1,000", "1,234,568"]);
  assert.equal(formatNumber(Number.NaN), "–");
});

Deno.test("a spread shows its range only when there is one", () => {
  assert.equal(formatSpread({ median: 2, min: 1, max: 30 }), "2.00 [1.00–30.0]");
  assert.equal(formatSpread({ median: 2, min: 2, max: 2 }), "2.00");
  assert.equal(formatSpread(null), "–");
  assert.equal(formatFactor(1.5), "1.50×");
});

Deno.test("a text table pads its columns, names to the left and figures to the right", () => {
  assert.equal(
    textTable([["", "MB/s"], ["klite", "1,234"], ["kafka", "9"]]),
    [
      "          MB/s",
      "  klite  1,234",
      "  kafka      9",
    ].join("\n"),
  );
});

Deno.test("a Markdown table has a rule below its head and keeps its bars apart from the text's", () => {
  assert.equal(markdownTable([["", "a"], ["x|y", "1"]]), "|  | a |\n| --- | --: |\n| x\\|y | 1 |");
});

Deno.test("a failure is told in its first two lines", () => {
  assert.equal(
    briefFailure("it did not start; it said:\nport taken\n  at a\n  at b"),
    "it did not start; it said: port taken",
  );
  assert.equal(briefFailure("offset 3 came"), "offset 3 came");
});
