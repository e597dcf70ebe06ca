/** `--profile`: klite under one load after another, and where its time and its memory go. */
import { join } from "node:path";
import { BrokerProcess } from "../../tests/support/broker_process.ts";
import { freePort } from "../../tests/support/broker_ready.ts";
import type { LoadTimes } from "../load/job.ts";
import type { RunFigures } from "../report/model.ts";
import { WARM_UP } from "../scenarios/all.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import type { ProfileKind, TakenProfile } from "./model.ts";
import { allocationText, cpuText } from "./text.ts";

/** What to profile, for how long, and where to leave the files. */
export interface ProfilePlan {
  readonly scenarios: readonly Scenario[];
  readonly times: LoadTimes;
  /** For the broker's data. */
  readonly dir: string;
  /** For `SCENARIO.cpuprofile` and `SCENARIO.heapprofile`. */
  readonly out: string;
}

/**
 * Two loads per scenario: one with the sampling of time, one with the sampling of allocations, each
 * on a broker of its own. Prints the tables as they come.
 */
export async function runProfile(plan: ProfilePlan, print: (text: string) => void): Promise<void> {
  await Deno.mkdir(plan.out, { recursive: true });
  for (const scenario of plan.scenarios) {
    print(`${scenario.name}: ${scenario.title}\n`);
    const cpu = await profileOne(plan, scenario, "cpu");
    const cpuFile = await writeProfile(plan, `${scenario.name}.cpuprofile`, cpu.taken.cpu);
    print(cpuText(cpu.taken, cpu.figures) + "\n");
    const allocations = await profileOne(plan, scenario, "allocations");
    const heapFile = await writeProfile(plan, `${scenario.name}.heapprofile`, allocations.taken.allocations);
    print(allocationText(allocations.taken, allocations.figures) + "\n");
    print(`wrote ${cpuFile} and ${heapFile}\n`);
  }
}

async function profileOne(
  { times, dir }: ProfilePlan,
  scenario: Scenario,
  kind: ProfileKind,
): Promise<{ readonly taken: TakenProfile; readonly figures: RunFigures }> {
  const inspector = `127.0.0.1:${freePort()}`;
  const data = await Deno.makeTempDir({ dir, prefix: "profiled-" });
  const broker = await BrokerProcess.start({ dir: data, denoFlags: [`--inspect=${inspector}`] });
  try {
    const target = { host: "127.0.0.1", port: broker.port, pids: [broker.pid], dataDir: data };
    await WARM_UP.measure(target, "bench-warm-up", times);
    const file = join(data, "..", `${kind}.json`);
    const figures = await scenario.measure({ ...target, profile: { kind, inspector, file } }, "bench", times);
    return { taken: JSON.parse(await Deno.readTextFile(file)), figures };
  } catch (error) {
    throw new Error(`the load failed; the broker said:\n${broker.log()}`, { cause: error });
  } finally {
    await broker.stop();
    await Deno.remove(data, { recursive: true });
  }
}

async function writeProfile({ out }: ProfilePlan, name: string, profile: unknown): Promise<string> {
  const file = join(out, name);
  await Deno.writeTextFile(file, JSON.stringify(profile));
  return file;
}
