/** Runs one job in the load process and waits for its result. */
import { fileURLToPath } from "node:url";
import { runCommand } from "../tests/support/run_command.ts";
import type { Job, JobOutcome, LimitsJob, LimitsResult, LoadJob, LoadResult, Target } from "./load/job.ts";

const LOAD_MAIN = fileURLToPath(new URL("./load/main.ts", import.meta.url));
/** What a load may take beside its window: filling, reading back, waiting for a slow broker. */
const EXTRA_MS = 180_000;

/** Loads a broker. Throws with the load's own words when anything is wrong with the broker's answers. */
export async function runLoad(job: LoadJob, target: Target): Promise<LoadResult> {
  return await runJob<LoadResult>({ job, target }, job.warmupMs + job.windowMs);
}

/** Measures the machine's limits. */
export async function runLimits(job: LimitsJob): Promise<LimitsResult> {
  return await runJob<LimitsResult>({ job }, (10 + 2 * job.exchanges.length) * job.windowMs);
}

async function runJob<Result>(job: Job, expectedMs: number): Promise<Result> {
  const stdout = await loadProcess(JSON.stringify(job), expectedMs + EXTRA_MS);
  // The load process is part of the bench, so the shape of what it prints is known.
  const outcome: JobOutcome<Result> = JSON.parse(new TextDecoder().decode(stdout));
  if ("failure" in outcome) throw new Error(outcome.failure);
  return outcome.result;
}

async function loadProcess(job: string, timeoutMs: number): Promise<Uint8Array> {
  try {
    return (await runCommand([Deno.execPath(), "run", "-A", LOAD_MAIN, job], { timeoutMs })).stdout;
  } catch (error) {
    // Its command line and stack tell nothing of the broker, so they stay out of the report.
    throw new Error("the load process broke down or took too long", { cause: error });
  }
}
