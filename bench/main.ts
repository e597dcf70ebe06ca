/**
 * `deno task bench`: klite and its peers under the same load, in the same run, on this machine.
 *
 * The systems (systems/) are started and stopped here and loaded in turn by a process of
 * its own (load/) or by Kafka's own tools (clients/). Every measurement checks what it got:
 * acknowledged offsets must add up and all that was written must read back, or it has
 * failed and shows no figure. Reports (report/) are drawn from one model, which is what
 * `--json` writes. Linux only: CPU time and memory come from /proc.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chosenScenarios, chosenSystems, isOfObjects, ONLY_WHEN_NAMED } from "./choice.ts";
import { describeMachine } from "./measure/machine.ts";
import { HELP, type Options, OptionsError, parseOptions } from "./options.ts";
import { type ProfilePlan, runProfile } from "./profile/run.ts";
import { withObjectsOf, withScenariosOf } from "./report/other_runs.ts";
import { performanceDocs } from "./report/docs.ts";
import { type BenchReport, REPORT_FORMAT } from "./report/model.ts";
import { parseSoak, type SoakOutcome } from "./report/soak.ts";
import { textReport } from "./report/text.ts";
import { type Plan, Runner } from "./runner.ts";
import { SCENARIOS } from "./scenarios/all.ts";
import { GROUPS } from "./scenarios/scenario.ts";
import { apacheKafka, apacheKafkaWithSync } from "./systems/apache_kafka.ts";
import { klite, kliteAgain, kliteWithRights } from "./systems/klite.ts";
import { peer } from "./systems/peer.ts";
import type { System } from "./systems/system.ts";
import { TierBench } from "./tier/tier.ts";

const DOCS = fileURLToPath(new URL("../docs/", import.meta.url));
const CHARTS = join(DOCS, "charts");
const WARMUP_SHARE = 1 / 3;
const PROFILED_SCENARIO = "produce-64k";

async function main(options: Options): Promise<number> {
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  if (options.writeDocs !== null) {
    const soak = options.soak === null ? null : parseSoak(await Deno.readTextFile(options.soak));
    const report = await readReport(options.writeDocs);
    const objects = options.tier === null ? null : await readReport(options.tier);
    const more = await Promise.all(options.more.map(readReport));
    await writeDocs(withScenariosOf(withObjectsOf(report, objects), more), soak);
    return 0;
  }
  const dir = await Deno.makeTempDir({
    prefix: "klite-bench-",
    ...(options.dir === null ? {} : { dir: options.dir }),
  });
  try {
    const peers = options.peers.map((command) => peer(dir, command));
    const kafkas = [apacheKafka(dir), apacheKafkaWithSync(dir)];
    const systems = [klite(dir), ...kafkas, ...peers, kliteAgain(dir), kliteWithRights(dir)];
    if (options.list) {
      listAll(systems);
      return 0;
    }
    if (options.profile) {
      await runProfile(profilePlanFor(options, dir), console.log);
      return 0;
    }
    const report = await run(planFor(options, systems, dir), isOfObjects(options));
    if (options.json !== null) await Deno.writeTextFile(options.json, JSON.stringify(report, null, 2) + "\n");
    console.log(textReport(report));
    return hasFailure(report) ? 1 : 0;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function planFor(options: Options, systems: readonly System[], dir: string): Plan {
  const windowMs = options.seconds * 1000;
  const scenarios = chosenScenarios(options);
  return {
    systems: chosenSystems(systems, scenarios, options),
    scenarios,
    effort: { runs: options.runs, windowMs, warmupMs: windowMs * WARMUP_SHARE, quick: options.quick },
    starts: options.starts,
    dir,
  };
}

function profilePlanFor(options: Options, dir: string): ProfilePlan {
  const nothingNamed = options.scenarios.length === 0 && options.groups.length === 0;
  const windowMs = options.seconds * 1000;
  return {
    scenarios: chosenScenarios(nothingNamed ? { ...options, scenarios: [PROFILED_SCENARIO] } : options),
    times: { windowMs, warmupMs: windowMs * WARMUP_SHARE },
    dir,
    out: options.out,
  };
}

async function run(plan: Plan, withObjects: boolean): Promise<BenchReport> {
  const startedAt = new Date();
  const runner = new Runner(plan, say);
  const objects = new TierBench(plan, say);
  const onSignal = () => {
    say("stopping the brokers");
    Promise.all([runner.stop(), objects.stop()]).finally(() =>
      Deno.remove(plan.dir, { recursive: true }).finally(() => Deno.exit(130))
    );
  };
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
  try {
    const starts = await runner.measureStarts();
    const { scenarios, limits } = await runner.measureScenarios();
    const tier = withObjects ? await objects.measure() : null;
    return {
      format: REPORT_FORMAT,
      startedAt: startedAt.toISOString(),
      tookSeconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
      effort: plan.effort,
      machine: describeMachine(plan.dir),
      limits,
      systems: await Promise.all(plan.systems.map(async (system) => {
        return { name: system.name, title: system.title, version: await system.version() };
      })),
      starts,
      scenarios,
      ...(tier === null ? {} : { tier }),
    };
  } finally {
    Deno.removeSignalListener("SIGINT", onSignal);
    Deno.removeSignalListener("SIGTERM", onSignal);
    await Promise.all([runner.stop(), objects.stop()]);
  }
}

function listAll(systems: readonly System[]): void {
  const width = Math.max(...[...SCENARIOS, ...systems].map(({ name }) => name.length)) + 2;
  const lines = (items: readonly { readonly name: string; readonly title: string }[]) => {
    return items.map(({ name, title }) => `  ${name.padEnd(width)}${title}`).join("\n");
  };
  const groups = GROUPS.map((group) => {
    const note = ONLY_WHEN_NAMED.includes(group) ? `; only when named, as in --group ${group}` : "";
    return `scenarios: ${group}${note}\n${lines(SCENARIOS.filter((scenario) => scenario.group === group))}`;
  });
  const objects = "tier: records on their way into a bucket and back, as one; --group tier";
  console.log([...groups, objects, `systems\n${lines(systems)}`].join("\n\n"));
}

/** The page, and its charts in place of all that were there. */
async function writeDocs(report: BenchReport, soak: SoakOutcome | null): Promise<void> {
  const { page, charts } = performanceDocs(report, soak);
  await Deno.mkdir(CHARTS, { recursive: true });
  for await (const { name } of Deno.readDir(CHARTS)) await Deno.remove(join(CHARTS, name));
  for (const { file, svg } of charts) await Deno.writeTextFile(join(CHARTS, file), svg);
  await Deno.writeTextFile(join(DOCS, "performance.md"), page);
}

async function readReport(file: string): Promise<BenchReport> {
  const report: BenchReport = JSON.parse(await Deno.readTextFile(file));
  if (report.format !== REPORT_FORMAT) {
    throw new OptionsError(`${file} is no report of this bench, or of another version of it`);
  }
  return report;
}

function hasFailure({ scenarios, starts, tier }: BenchReport): boolean {
  return (tier?.failures ?? []).length > 0 || starts.some(({ failure }) => failure !== null) ||
    scenarios.some(({ systems }) => systems.some(({ runs }) => runs.some((outcome) => "failure" in outcome)));
}

function say(line: string): void {
  console.error(`bench: ${line}`);
}

try {
  Deno.exit(await main(parseOptions(Deno.args)));
} catch (error) {
  if (!(error instanceof OptionsError)) throw error;
  console.error(`bench: ${error.message}\n\n${HELP}`);
  Deno.exit(2);
}
