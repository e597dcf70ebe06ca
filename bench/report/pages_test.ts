import assert from "node:assert/strict";
import { performanceDocs } from "./docs.ts";
import { aReport, aRightsReport, aRun } from "./example_for_tests.ts";
import type { BenchReport } from "./model.ts";
import { withObjectsOf, withScenariosOf } from "./other_runs.ts";
import { textReport } from "./text.ts";

function pageOf(report: BenchReport): string {
  return performanceDocs(report, null).page;
}

Deno.test("the text shows medians with ranges, ratios, and a failure without any figure", () => {
  const text = textReport(aReport());
  assert.match(text, /klite +200,000 +205 \[102–307\] +1\.00 +4\.00 +9\.00 +2\.44/);
  assert.match(text, /klite \/ kafka: 2\.00× MB\/s, 0\.50× CPU per GB, 1\.00× p99/);
  assert.match(text, /kafka-fsync failed: it ended with code 1 stack\.$/m);
  assert.match(
    text,
    /klite reaches 20 % of the CRC-32C, 10 % of the disk write with fdatasync to allocated blocks/,
  );
  assert.doesNotMatch(text, /kafka-fsync +\d/);
});

Deno.test("a load generator that takes a whole core is marked", () => {
  const report = aReport();
  const [scenario] = report.scenarios;
  const runs = scenario!.systems[0]!.runs.map((run) => {
    return "failure" in run ? run : { figures: { ...run.figures, loadCpuSeconds: 1.9 } };
  });
  const text = textReport({
    ...report,
    scenarios: [{ ...scenario!, systems: [{ system: "klite", lacks: null, runs }] }],
  });
  assert.match(text, /generator took a whole core and may be what limited klite\./);
});

Deno.test("the page states the machine, every scenario and how to reproduce it", () => {
  const page = pageOf(aReport());
  assert.match(page, /^# Performance\n/);
  assert.match(page, /2 cores \(Some CPU\), 24\.0 GB of memory/);
  assert.match(page, /^### produce-64k\n\n64 KiB batches\.$/m);
  assert.match(page, /\| \[produce-64k\]\(#produce-64k\) \| 2\.00× \| 0\.50× \| 1\.00× \|/);
  assert.match(page, /kafka-fsync failed: it ended with code 1 stack\./);
  assert.match(page, /\| klite \| 30\.0 \[20\.0–40\.0\] \| 36\.0 \|/);
  assert.match(page, /deno task bench --quick/);
  assert.doesNotMatch(page, /undefined|NaN|null/);
});

Deno.test("a quick run says that it is one", () => {
  const report = aReport();
  assert.match(pageOf({ ...report, effort: { ...report.effort, quick: true } }), /quick run/);
  assert.doesNotMatch(pageOf(report), /quick run/);
});

Deno.test("a page says when the machine had other things to do", () => {
  const report = aReport();
  assert.doesNotMatch(pageOf(report), /not at rest/);
  const busy = report.scenarios.map((scenario) => ({
    ...scenario,
    systems: [{ system: "klite", lacks: null, runs: [aRun(1, { othersCpuSeconds: 2 })] }],
  }));
  assert.match(pageOf({ ...report, scenarios: busy }), /not at rest.*100 % of one core/);
});

Deno.test("scenarios of another run stand beside the others, and the page says whose they are", () => {
  const report = aReport();
  const [scenario] = report.scenarios;
  const other = {
    ...report,
    startedAt: "2001-02-03T00:00:00Z",
    scenarios: [{ ...scenario!, name: "later" }],
    limits: {
      ...report.limits,
      exchanges: report.limits.exchanges.map((limit) => ({ ...limit, cpuMicros: 7 * limit.cpuMicros })),
    },
  };
  const page = pageOf(withScenariosOf(report, [other]));
  assert.match(page, /^### produce-64k$/m);
  assert.match(page, /^### later$/m);
  assert.match(
    page,
    /^- Of a run of its own, on 2001-02-03 with klite 1\.2\.3: `later` \(3 runs of 2 s\)\.$/m,
  );
  assert.match(page, /^\| \[produce-64k\].* 7\.00 \|/m, "with the bare exchanges of that run");
  assert.doesNotMatch(pageOf(withScenariosOf(report, [])), /of its own/);
});

Deno.test("a klite set up otherwise is introduced and has its table, and is no peer", () => {
  const rights = aRightsReport({ klite: 2, "klite-again": 2, "klite-rights": 2 });
  const { page, charts } = performanceDocs(withScenariosOf(aReport(), [rights]), null);
  assert.match(
    page,
    /^- `klite` \(1\.2\.3\).+\n- `kafka` .+\n- `klite-again` .+\n- `klite-rights` \(1\.2\.4\).+$/m,
  );
  assert.match(page, /^## Rights and quotas\n\n### produce-64k-rights$/m);
  assert.match(page, /^\| klite-rights \|/m);
  assert.doesNotMatch(page, /klite \/ klite-|\| \[produce-64k-rights\]/);
  for (const { svg } of charts) assert.doesNotMatch(svg, /klite-|-rights/);
});

Deno.test("runs of the same day and klite are told in one line, with how much each measured", () => {
  const rights = aRightsReport({ klite: 2 });
  const [later] = aReport().scenarios;
  const longer = { ...rights, effort: aReport().effort, scenarios: [{ ...later!, name: "later" }] };
  const next = { ...rights, startedAt: "2026-01-04T00:00:00.000Z" };
  const alike = withObjectsOf(aReport(), { ...longer, tier: { rows: [], failures: [] } });
  const page = pageOf(withScenariosOf(alike, [rights, longer, next]));
  assert.deepEqual(page.split("\n").filter((line) => /of its own|of their own/.test(line)), [
    "- Of runs of their own, on 2026-01-03 with klite 1.2.4: `objects`, `later` (3 runs of 2 s), " +
    "`produce-64k-rights` (40 runs of 0.6 s).",
    "- Of a run of its own, on 2026-01-04 with klite 1.2.4: `produce-64k-rights` (40 runs of 0.6 s).",
  ]);
});
