/** Runs the plan: rounds of alternating measurements, each on brokers started for that round. */
import { setTimeout as sleep } from "node:timers/promises";
import { BrokerConnection } from "./load/connection.ts";
import { deleteAllTopics } from "./load/delete_topics.ts";
import type { LimitsResult, LoadTimes } from "./load/job.ts";
import { decodeApiVersions, encodeApiVersions } from "./load/requests.ts";
import { runLimits } from "./load_process.ts";
import { untilDiskIsCalm } from "./measure/calm_disk.ts";
import { promptDiskFloor } from "./measure/disk_floor.ts";
import { betterLimits } from "./measure/limits.ts";
import { DESIGN_TARGETS } from "./report/design_targets.ts";
import type { Effort, RunFigures, RunOutcome, ScenarioRuns, StartRuns, SystemRuns } from "./report/model.ts";
import { briefFailure } from "./report/format.ts";
import { WARM_UP } from "./scenarios/all.ts";
import { askedOf } from "./scenarios/asked.ts";
import { GROUPS, type Scenario } from "./scenarios/scenario.ts";
import { Fleet } from "./systems/fleet.ts";
import type { RunningSystem, System } from "./systems/system.ts";

/** How long a broker is left alone before its idle memory is read. */
const SETTLE_MS = 1_000;
const LIMITS_WINDOW_MS = 700;
/** Of a run's measured stretch: a broker's first load lasts so much longer, for it makes files that others find made. */
const WARM_UP_WINDOWS = 2;

/** What to run. */
export interface Plan {
  readonly systems: readonly System[];
  readonly scenarios: readonly Scenario[];
  readonly effort: Effort;
  /** Starts of each system whose start is measured. */
  readonly starts: number;
  /** Where the brokers' data goes. */
  readonly dir: string;
}

/** Tells what happens, one line at a time. */
export type Progress = (line: string) => void;

/** Runs a plan. Stopping it (a signal, an error) stops every broker it started. */
export class Runner {
  readonly #plan: Plan;
  readonly #progress: Progress;
  #fleet = new Fleet();
  readonly #warm = new Set<RunningSystem>();
  readonly #outcomes = new Map<string, RunOutcome[]>();
  readonly #lacks = new Map<string, string>();

  constructor(plan: Plan, progress: Progress) {
    this.#plan = plan;
    this.#progress = progress;
  }

  /** Starts and stops each system by itself, again and again. */
  async measureStarts(): Promise<StartRuns[]> {
    const results: StartRuns[] = [];
    for (const system of this.#plan.systems) {
      if (!system.measuresStart || this.#plan.starts === 0) continue;
      this.#progress(`start: ${system.name}, ${this.#plan.starts} times`);
      results.push(await this.#measureStart(system));
    }
    return results;
  }

  /**
   * Every round gives each scenario to one system after another; who is first changes from round to
   * round. Each group of scenarios has its systems started anew, so that what one group leaves behind
   * burdens no other. The machine's limits are taken before each round, and at least once.
   */
  async measureScenarios(): Promise<{ readonly scenarios: ScenarioRuns[]; readonly limits: LimitsResult }> {
    const { scenarios, systems, effort } = this.#plan;
    let limits = await this.#measureLimits();
    for (let round = 0; round < effort.runs && scenarios.length > 0; round++) {
      if (round > 0) limits = betterLimits(limits, await this.#measureLimits());
      for (const group of GROUPS) {
        await this.#measureGroup(scenarios.filter((scenario) => scenario.group === group), round);
      }
    }
    const results = scenarios.map(({ name, title, group, boundBy, asks }) => {
      return {
        name,
        title,
        group,
        boundBy,
        systems: askedOf(systems, asks).map((system) => this.#runsOf(name, system.name)),
      };
    });
    return { scenarios: results, limits };
  }

  async #measureGroup(scenarios: readonly Scenario[], round: number): Promise<void> {
    this.#fleet = new Fleet();
    try {
      for (const scenario of scenarios) {
        const asked = askedOf(this.#plan.systems, scenario.asks);
        for (let turn = 0; turn < asked.length; turn++) {
          await this.#measure(scenario, asked[(round + turn) % asked.length]!, round);
        }
      }
    } finally {
      await this.#fleet.stop();
    }
  }

  /** Stops whatever runs. */
  async stop(): Promise<void> {
    await this.#fleet.stop();
  }

  async #measureLimits(): Promise<LimitsResult> {
    this.#progress("limits of the machine");
    const { scenarios, dir } = this.#plan;
    const exchanges = DESIGN_TARGETS.filter((design) =>
      scenarios.some(({ name }) => name === design.scenario)
    )
      .map(({ exchange }) => exchange);
    return await runLimits({ kind: "limits", dir, windowMs: LIMITS_WINDOW_MS, exchanges });
  }

  async #measureStart(system: System): Promise<StartRuns> {
    const startMs: number[] = [];
    const idleBytes: number[] = [];
    try {
      for (let start = 0; start < this.#plan.starts; start++) {
        this.#fleet = new Fleet();
        try {
          const running = await this.#fleet.start(system.asInstalled ?? system);
          await sleep(SETTLE_MS);
          startMs.push(running.startMs);
          idleBytes.push(running.residentBytes());
        } finally {
          await this.#fleet.stop();
        }
      }
      return { system: system.name, startMs, idleBytes, failure: null };
    } catch (error) {
      return { system: system.name, startMs, idleBytes, failure: messageOf(error) };
    }
  }

  async #measure(scenario: Scenario, system: System, round: number): Promise<void> {
    const key = keyOf(scenario.name, system.name);
    const { warmupMs, windowMs, runs } = this.#plan.effort;
    const label = `${round + 1}/${runs} ${scenario.name}: ${system.name}`;
    if (this.#lacks.has(key)) return;
    const outcome = await this.#attempt(scenario, system, `bench-${scenario.name}-${round}`, {
      warmupMs,
      windowMs,
    });
    if (outcome === null) {
      this.#lacks.set(key, scenario.needs?.name ?? "");
      this.#progress(`${label}: not run, it does not serve ${scenario.needs?.name}`);
      return;
    }
    this.#outcomes.set(key, [...this.#outcomes.get(key) ?? [], outcome]);
    this.#progress(
      `${label}: ${"failure" in outcome ? `FAILED: ${briefFailure(outcome.failure)}` : brief(outcome)}`,
    );
  }

  /** One measurement; null when the system lacks an API that it needs. */
  async #attempt(
    scenario: Scenario,
    system: System,
    topic: string,
    times: LoadTimes,
  ): Promise<RunOutcome | null> {
    let running: RunningSystem | null = null;
    try {
      running = await this.#fleet.start(system);
      if (scenario.needs !== null && !(await serves(running, scenario.needs.key))) return null;
      await this.#warmUp(system, running, times);
      // Of the others nothing is deleted: what a Kafka deletes it removes a minute later, in the next one's time.
      if (system.copiesLater) await deleteAllTopics(running.target);
      await untilDiskIsCalm(this.#plan.dir);
      const disk = scenario.boundBy === "rate" ? await promptDiskFloor(this.#plan.dir, times.windowMs) : null;
      const figures = await scenario.measure(running.target, topic, times);
      return { figures: disk === null ? figures : { ...figures, disk } };
    } catch (error) {
      if (error instanceof Error && error.cause !== undefined) this.#progress(messageOf(error.cause));
      const end = running?.endedWith ?? null;
      return { failure: end === null ? messageOf(error) : `${messageOf(error)}; ${end}` };
    }
  }

  /** Puts a first load on a broker that was just started, so that no scenario meets code that never ran. */
  async #warmUp(system: System, running: RunningSystem, times: LoadTimes): Promise<void> {
    if (this.#warm.has(running)) return;
    this.#progress(`warming up ${system.name}`);
    const windowMs = WARM_UP_WINDOWS * times.windowMs;
    await WARM_UP.measure(running.target, "bench-warm-up", { warmupMs: 0, windowMs });
    this.#warm.add(running);
  }

  #runsOf(scenario: string, system: string): SystemRuns {
    const key = keyOf(scenario, system);
    return { system, runs: this.#outcomes.get(key) ?? [], lacks: this.#lacks.get(key) ?? null };
  }
}

function keyOf(scenario: string, system: string): string {
  return `${scenario} ${system}`;
}

async function serves(running: RunningSystem, apiKey: number): Promise<boolean> {
  using connection = await BrokerConnection.open(running.target);
  return decodeApiVersions(await connection.call(encodeApiVersions())).has(apiKey);
}

function brief({ figures }: { readonly figures: RunFigures }): string {
  const { records, bytes, windowMs, latency } = figures;
  const perSecond = (amount: number) => Math.round(amount / (windowMs / 1000)).toLocaleString("en-US");
  const p99 = latency === null ? "" : `, p99 ${latency.p99Ms.toFixed(1)} ms`;
  return `${perSecond(records)} records/s, ${perSecond(bytes / 1_000_000)} MB/s${p99}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
