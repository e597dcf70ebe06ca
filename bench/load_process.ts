/** Runs one job in the load process and waits for its result. */
import { fileURLToPath } from "node:url";
import { runCommand } from "../tests/support/run_command.ts";
import type { Job, LimitsJob, LimitsResult, LoadJob, LoadResult, Target } from "./load/job.ts";

const LOAD_MAIN = fileURLToPath(new URL("./load/main.ts", import.meta.url));
/** What a load may take beside its window: filling, reading back, waiting for a slow broker. */
const EXTRA_MS = 60_000;

/** Loads a broker. Throws with the load's own words when anything is wrong with the broker's answers. */
export async function runLoad(job: LoadJob, target: Target): Promise<LoadResult> {
  // The load process is part of the bench, so the shape of what it prints is known.
  const result: LoadResult = await runJob({ job, target }, job.warmupMs + job.windowMs);
  return result;
}

/** Measures the machine's limits. */
export async function runLimits(job: LimitsJob): Promise<LimitsResult> {
  const result: LimitsResult = await runJob({ job }, 8 * job.windowMs);
  return result;
}

async function runJob(job: Job, expectedMs: number) {
  const { stdout } = await runCommand([Deno.execPath(), "run", "-A", LOAD_MAIN, JSON.stringify(job)], {
    timeoutMs: expectedMs + EXTRA_MS,
  });
  return JSON.parse(new TextDecoder().decode(stdout));
}
