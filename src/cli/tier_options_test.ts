import assert from "node:assert/strict";
import { readSettings } from "./settings.ts";
import { tierOptions } from "./tier_options.ts";

function problemOf(flag: string, value: string): string {
  return readSettings(tierOptions, new Map([[flag, [value]]]), () => undefined).problems.join(" ");
}

Deno.test("without a bucket everything has Go klite's defaults", () => {
  const { values, problems } = readSettings(tierOptions, new Map(), () => undefined);
  assert.deepEqual(problems, []);
  assert.deepEqual(values, {
    s3Bucket: null,
    s3Region: "us-east-1",
    s3Endpoint: null,
    s3Prefix: "",
    s3FlushIntervalMs: 60_000,
    s3TargetObjectBytes: 64 * 2 ** 20,
    s3FlushCheckIntervalMs: 5000,
    retentionCheckIntervalMs: 300_000,
    compactionCheckIntervalMs: 30_000,
    compactionMinDirtyObjects: 4,
    compactionReadRateBytes: 50 * 2 ** 20,
    scrubIntervalMs: 0,
  });
});

Deno.test("values of the object store that cannot be meant are refused with the reason", () => {
  const cases: [flag: string, value: string, expected: RegExp][] = [
    ["s3-bucket", "archive/klite", /no '\/'; the rest belongs into --s3-prefix/],
    ["s3-bucket", "Archive", /capital letters/],
    ["s3-bucket", "ab", /not such a name/],
    ["s3-bucket", "10.0.0.1", /an address is no bucket's name/],
    ["s3-endpoint", "localhost:9000", /does not begin with http/],
    ["s3-endpoint", "http://user:secret@localhost:9000", /credentials do not belong here/],
    ["s3-endpoint", "http://localhost:9000/bucket", /something behind the host and port/],
    ["s3-region", "eu central", /not such a name/],
    ["s3-prefix", "a//b", /not such a prefix/],
    ["s3-prefix", "a/../b", /not such a prefix/],
    ["s3-target-object-size", "1000", /below the least, 64 KiB/],
    ["s3-flush-interval", "60", /a unit is missing/],
    ["compaction-read-rate", "5", /below the least, 1 KiB/],
  ];
  for (const [flag, value, expected] of cases) {
    assert.match(problemOf(flag, value), expected, `${flag}=${value}`);
  }
});

Deno.test("values as the documentation of object stores shows them are taken", () => {
  const cases: [flag: string, value: string][] = [
    ["s3-bucket", "my.archive-2026"],
    ["s3-endpoint", "http://localhost:9000"],
    ["s3-endpoint", "https://s3.eu-central-1.amazonaws.com/"],
    ["s3-prefix", "team/klite/"],
    ["s3-flush-interval", "24h0m0s"],
    ["compaction-read-rate", "0"],
  ];
  for (const [flag, value] of cases) assert.equal(problemOf(flag, value), "", `${flag}=${value}`);
});
