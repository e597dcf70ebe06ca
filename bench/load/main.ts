/**
 * The load process: takes one job as JSON in its only argument, runs it and prints the
 * result as one line of JSON. Whatever goes wrong ends it with code 1 and the reason.
 */
import { resetPeak } from "../measure/process.ts";
import { runEndToEnd } from "./end_to_end.ts";
import { runFetch } from "./fetch.ts";
import type { Job, LimitsResult, LoadResult } from "./job.ts";
import { runLimits } from "./limits.ts";
import { runProduce } from "./produce.ts";

async function run(request: Job): Promise<LoadResult | LimitsResult> {
  if (!("target" in request)) return await runLimits(request.job);
  const { job, target } = request;
  for (const pid of target.pids) resetPeak(pid);
  switch (job.kind) {
    case "produce":
      return await runProduce(job, target);
    case "fetch":
      return await runFetch(job, target);
    case "endToEnd":
      return await runEndToEnd(job, target);
  }
}

try {
  // The bench alone writes this argument, so its shape is known.
  const request: Job = JSON.parse(Deno.args[0] ?? "");
  console.log(JSON.stringify(await run(request)));
  Deno.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  Deno.exit(1);
}
