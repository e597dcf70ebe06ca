import { strictEqual } from "node:assert/strict";
import { nearest } from "./nearest.ts";

const FLAGS = ["listen", "log-level", "data-dir", "health-addr", "advertised-addr", "wal-max-disk-size"];

Deno.test("nearest() finds the name with a slip of the finger", () => {
  const cases: [string, string][] = [
    ["lisen", "listen"],
    ["lisetn", "listen"],
    ["listenn", "listen"],
    ["loglevel", "log-level"],
    ["data_dir", "data-dir"],
    ["advertised-address", "advertised-addr"],
    ["wal-max-disk", "wal-max-disk-size"],
  ];
  for (const [typed, expected] of cases) strictEqual(nearest(typed, FLAGS), expected, typed);
});

Deno.test("nearest() does not guess when nothing is near", () => {
  for (const typed of ["", "x", "bootstrap-server", "zookeeper"]) {
    strictEqual(nearest(typed, FLAGS), null, typed);
  }
});
