/**
 * The load process: takes one job as JSON in its only argument, runs it and prints the
 * outcome as one line of JSON: the result, or what was wrong with the broker's answers.
 */
import { resetPeak } from "../measure/process.ts";
import { runEndToEnd, runProduceAtRate } from "./at_rate.ts";
import { runFetch } from "./fetch.ts";
import type { Job, JobOutcome, LimitsResult, LoadResult } from "./job.ts";
import { runLimits } from "./limits.ts";
import { runMetadata } from "./metadata.ts";
import { runProduce } from "./produce.ts";
import { runProduceConsume } from "./produce_consume.ts";
import { runSessionFetch } from "./session_fetch.ts";
import { runStoredRead } from "./stored_read.ts";

async function run(request: Job): Promise<LoadResult | LimitsResult> {
  if (!("target" in request)) return await runLimits(request.job);
  const { job, target } = request;
  for (const pid of target.pids) resetPeak(pid);
  switch (job.kind) {
    case "produce":
      return await runProduce(job, target);
    case "fetch":
      return await runFetch(job, target);
    case "sessionFetch":
      return await runSessionFetch(job, target);
    case "metadata":
      return await runMetadata(job, target);
    case "storedRead":
      return await runStoredRead(job, target);
    case "produceConsume":
      return await runProduceConsume(job, target);
    case "produceAtRate":
      return await runProduceAtRate(job, target);
    case "endToEnd":
      return await runEndToEnd(job, target);
  }
}

/** The outcome of a job; a load that fails is an outcome, too. */
async function outcome(request: Job): Promise<JobOutcome> {
  try {
    return { result: await run(request) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

// The bench alone writes this argument, so its shape is known.
const request: Job = JSON.parse(Deno.args[0] ?? "");
console.log(JSON.stringify(await outcome(request)));
// Connections of a load that failed may still be open.
Deno.exit(0);
