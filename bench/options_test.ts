import assert from "node:assert/strict";
import { chosen, OptionsError, parseOptions } from "./options.ts";

Deno.test("without options there are three runs over everything", () => {
  const { runs, seconds, starts, scenarios, systems, quick } = parseOptions([]);
  assert.deepEqual({ runs, seconds, starts, scenarios, systems, quick }, {
    runs: 3,
    seconds: 2,
    starts: 5,
    scenarios: [],
    systems: [],
    quick: false,
  });
});

Deno.test("a quick run is short, unless something longer is asked for, and a leading -- is passed over", () => {
  assert.equal(parseOptions(["--", "--quick"]).runs, 1);
  assert.equal(parseOptions(["--quick", "--runs", "5"]).runs, 5);
  assert.equal(parseOptions(["--quick", "--seconds=0.5"]).seconds, 0.5);
});

Deno.test("names are separated by commas or given again", () => {
  const { scenarios, groups } = parseOptions(["--scenario", "a,b", "--scenario", "c", "--group=core, scale"]);
  assert.deepEqual(scenarios, ["a", "b", "c"]);
  assert.deepEqual(groups, ["core", "scale"]);
});

Deno.test("a peer has a name when one stands before its command, and must say where the port goes", () => {
  const { peers } = parseOptions(["--peer", "go=run --port {port}", "--peer", "LEVEL=1 run {port} a=b"]);
  assert.deepEqual(peers, [
    { name: "go", command: "run --port {port}" },
    { name: "peer-2", command: "LEVEL=1 run {port} a=b" },
  ]);
  assert.throws(() => parseOptions(["--peer", "run"]), /where \{port\} goes/);
});

Deno.test("what makes no sense is refused in words", () => {
  assert.throws(() => parseOptions(["--rusn", "3"]), OptionsError);
  assert.throws(() => parseOptions(["--runs", "0"]), /--runs takes a whole number from 1/);
  assert.throws(() => parseOptions(["--runs", "1.5"]), OptionsError);
  assert.throws(() => parseOptions(["--seconds", "soon"]), OptionsError);
});

Deno.test("items are chosen by name and keep their order, and an unknown name tells the known ones", () => {
  const items = [{ name: "a" }, { name: "b" }, { name: "c" }];
  assert.deepEqual(chosen("thing", items, ["c", "a"]), [{ name: "a" }, { name: "c" }]);
  assert.deepEqual(chosen("thing", items, []), items);
  assert.throws(() => chosen("thing", items, ["d"]), /no thing "d"; there are a, b, c/);
});
