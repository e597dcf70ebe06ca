/**
 * The long form of the simulations: `deno task sim [--scenario=NAME] [--runs=N] [--seed=FIRST] [--jobs=N]`.
 * With `--seed` alone, one run: the replay of a failure. Each of the jobs takes a processor; default one.
 */
import { parseArgs } from "node:util";
import { runSeeds, type Scenario } from "./runner.ts";
import { scenarios } from "./scenarios.ts";
import type { Share, ShareDone } from "./sim_worker.ts";

const RUNS = 10_000;
const REPORT_EVERY = 1000;
/** Seeds of one share: few, so that all jobs end at about the same time. */
const SHARE = 50;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    scenario: { type: "string" },
    runs: { type: "string" },
    seed: { type: "string" },
    jobs: { type: "string", default: "1" },
  },
});
const firstSeed = Number(values.seed ?? 1);
const jobs = Number(values.jobs);
const chosen = scenarios.filter(({ name }) => name === (values.scenario ?? name));
if (chosen.length === 0) {
  console.error(`no scenario ${values.scenario}; there are: ${scenarios.map(({ name }) => name).join(", ")}`);
  Deno.exit(2);
}
for (const scenario of chosen) {
  const runs = Number(values.runs ?? (values.seed === undefined ? scenario.longRuns ?? RUNS : 1));
  const startMs = performance.now();
  for (let done = 0; done < runs; done += REPORT_EVERY) {
    const count = Math.min(REPORT_EVERY, runs - done);
    if (jobs > 1) await runShares(scenario, firstSeed + done, count);
    else await runSeeds(scenario, firstSeed + done, count);
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    console.error(`${scenario.name}: seeds ${firstSeed} to ${firstSeed + done + count - 1} in ${seconds} s`);
  }
}

/** Runs the seeds in Workers, as many as there are to be jobs; ends the process with the first failure. */
async function runShares({ name }: Scenario, first: number, count: number): Promise<void> {
  const shares: Share[] = [];
  for (let from = 0; from < count; from += SHARE) {
    shares.push({ scenario: name, firstSeed: first + from, count: Math.min(SHARE, count - from) });
  }
  await Promise.all(Array.from({ length: jobs }, () => runNext(shares)));
}

/** One Worker takes shares until none is left. */
async function runNext(shares: Share[]): Promise<void> {
  const worker = new Worker(new URL("./sim_worker.ts", import.meta.url), { type: "module" });
  try {
    for (let share = shares.shift(); share !== undefined; share = shares.shift()) {
      const { promise, resolve } = Promise.withResolvers<ShareDone>();
      worker.onmessage = ({ data }: MessageEvent<ShareDone>) => resolve(data);
      worker.postMessage(share);
      const { failure } = await promise;
      if (failure === null) continue;
      console.error(failure);
      Deno.exit(1);
    }
  } finally {
    worker.terminate();
  }
}
