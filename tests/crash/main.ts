/** The long forms: `deno task crash [KILLS [SEED]]`, or one of the scenarios that `--scenario` names. */
import { parseArgs } from "node:util";
import { carryingOnRun } from "./carrying_on.ts";
import { diskLossRun } from "./disk_loss.ts";
import { type KillRun, killRun } from "./kill_run.ts";
import { outageRun } from "./outage.ts";
import { powerRun } from "./power_loss.ts";
import { recoveryRun } from "./recovery.ts";

const HELP = `deno task crash [KILLS [SEED]] [--scenario=NAME] [--records=N] [--partitions=N] [--rounds=N]

  kills       (default) KILLS kills under load, and what was acknowledged is held against what is there
  store       the same with a bucket: its server fails, topics are cleaned, and the disk is lost at times
  power       ROUNDS losses of power under load, on a filesystem of its own; needs the right to mount
  clients     librdkafka and Kafka's own clients carry on while the disk is lost ROUNDS times
  outage      the bucket is away until the log is full
  disk-loss   RECORDS records in PARTITIONS partitions: the disk is lost, and all is read back
  recovery    how long a start takes with RECORDS records in PARTITIONS partitions in the log

Figures are printed as JSON.`;

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    scenario: { type: "string", default: "kills" },
    records: { type: "string" },
    partitions: { type: "string" },
    rounds: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const seed = Number(positionals[1] ?? Math.floor(Math.random() * 2 ** 31));
const records = Number(values.records ?? 5_000_000);
const partitions = Number(values.partitions ?? 256);
const rounds = Number(values.rounds ?? 3);

const scenarios: Readonly<Record<string, () => Promise<unknown>>> = {
  kills: () => kills(200, {}),
  store: () => kills(100, { withBucket: true }),
  power: () => powerRun(rounds, seed),
  clients: () => carryingOnRun(rounds),
  outage: async () => ({ stopped: await outageRun("stopped"), paused: await outageRun("paused") }),
  "disk-loss": () => diskLossRun({ records, partitions, flushSeconds: 2 }),
  recovery: () => recoveryRun({ records, partitions }),
};

async function kills(defaultKills: number, changes: Partial<KillRun>): Promise<unknown> {
  const count = Number(positionals[0] ?? defaultKills);
  console.log(`seed ${seed}; to repeat: deno task crash ${count} ${seed} --scenario=${values.scenario}`);
  return await killRun({
    kills: count,
    generations: Math.ceil(count / 25),
    writers: changes.withBucket === true ? 2 : 8,
    seed,
    longestLifeMs: 1500,
    stopChance: 0.1,
    withLibrdkafka: true,
    ...changes,
  });
}

const scenario = scenarios[values.scenario];
if (values.help || scenario === undefined) {
  console.log(HELP);
  Deno.exit(values.help ? 0 : 2);
}
console.log(JSON.stringify(await scenario(), null, 2));
