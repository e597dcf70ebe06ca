/** Groups of every client: several members, joins, leaves and crashes under load, and a restart of the broker. */
import { inParallel, messageOf, type Outcome, type OutcomeReport } from "../outcome.ts";
import type { PreparedProgram } from "../programs.ts";
import type { Restartable } from "../restartable.ts";
import { chain } from "./chain.ts";
import { churn } from "./churn.ts";
import { CHAIN_CLIENTS, type GroupClient, labelOf } from "./group_clients.ts";
import { type GroupFinding, GroupRun } from "./group_run.ts";
import { afterRestart, beforeRestart } from "./restart.ts";

/** What is run. */
export interface GroupSuiteOptions {
  readonly broker: Restartable;
  readonly clients: readonly GroupClient[];
  readonly isQuick: boolean;
  readonly seed: number;
  /** Told of every step that is done. */
  readonly progress: (line: string) => void;
}

/** How many groups there are at the same time: mostly they wait. */
const CONCURRENCY = 4;
const CHAIN_CONCURRENCY = 2;
const PARTITIONS = 6;
const LONG_ROUNDS = 12;
const QUICK_RECORDS_PER_SECOND = 500;
const LONG_RECORDS_PER_SECOND = 2_000;
const QUICK_CHAIN_ROUNDS = 1;
const LONG_CHAIN_ROUNDS = 6;
const CHAIN_RECORDS_PER_SECOND = 200;

const RESTART_TITLE = "Groups while the broker is killed and started again";

/** What came of one run, in two forms. */
interface Ran {
  readonly findings: readonly GroupFinding[];
  readonly records: number;
}

/** Members of each client come and go. Failures of clients are in the report; trouble of the run itself is thrown. */
export async function runGroupSuite(options: GroupSuiteOptions): Promise<OutcomeReport> {
  const { broker, isQuick, seed } = options;
  return await runAll(
    "Groups: members join, leave and crash under load",
    options,
    options.clients,
    CONCURRENCY,
    async (client, program, group) => {
      await using run = await GroupRun.start({
        bootstrap: broker.bootstrap,
        client,
        program,
        group,
        partitions: PARTITIONS,
        recordsPerSecond: isQuick ? QUICK_RECORDS_PER_SECOND : LONG_RECORDS_PER_SECOND,
      });
      const rounds = isQuick ? 0 : LONG_ROUNDS;
      const findings = await churn(run, { isStatic: client.isStatic ?? false, rounds, seed });
      return { findings, records: run.records };
    },
  );
}

/** Three groups, each fed by the one before, rebalance at once. */
export async function runChainSuite(options: GroupSuiteOptions): Promise<OutcomeReport> {
  const names = options.clients.map(({ name }) => name);
  const clients = CHAIN_CLIENTS.filter(({ name, isQuick }) =>
    names.includes(name) && (isQuick || !options.isQuick)
  );
  return await runAll(
    "Chains of three groups: all rebalance at once, nobody crashes",
    options,
    clients,
    CHAIN_CONCURRENCY,
    (client, program, name) =>
      chain({
        bootstrap: options.broker.bootstrap,
        client,
        program,
        name,
        rounds: options.isQuick ? QUICK_CHAIN_ROUNDS : LONG_CHAIN_ROUNDS,
        recordsPerSecond: CHAIN_RECORDS_PER_SECOND,
      }),
  );
}

/** The broker is killed under the groups of several clients at once. Null when the broker is not ours to kill. */
export async function runRestartSuite(options: GroupSuiteOptions): Promise<OutcomeReport | null> {
  const { broker, isQuick } = options;
  const { restart } = broker;
  // Kafka is away for longer than a session, so that members may be thrown out and come back one by one.
  const rebalancesMax = broker.kind === "kafka" ? Infinity : 1;
  if (restart === undefined) return null;
  const reports: OutcomeReport[] = [];
  const chosen = options.clients.filter((client) =>
    !client.isStatic && (!isQuick || client.isQuickRestart === true)
  );
  for (let at = 0; at < chosen.length; at += CONCURRENCY) {
    const clients = chosen.slice(at, at + CONCURRENCY);
    const barrier = new Barrier(clients.length, restart);
    const report = await runAll(
      RESTART_TITLE,
      options,
      clients,
      clients.length,
      async (client, program, group) => {
        const recordsPerSecond = QUICK_RECORDS_PER_SECOND;
        try {
          const place = { bootstrap: broker.bootstrap, group, partitions: PARTITIONS };
          await using run = await GroupRun.start({ ...place, client, program, recordsPerSecond });
          const home = await beforeRestart(run);
          await barrier.arrive();
          return { findings: await afterRestart(run, home, rebalancesMax), records: run.records };
        } catch (error) {
          barrier.giveUp();
          throw error;
        }
      },
    );
    reports.push(report);
  }
  return {
    title: RESTART_TITLE,
    outcomes: reports.flatMap(({ outcomes }) => outcomes),
    notes: new Map(reports.flatMap(({ notes }) => [...notes])),
  };
}

/** Lets something happen once when all have come to the same place, or have given up on the way. */
class Barrier {
  readonly #done = Promise.withResolvers<void>();
  readonly #happen: () => Promise<void>;
  #missing: number;

  constructor(count: number, happen: () => Promise<void>) {
    this.#missing = count;
    this.#happen = happen;
  }

  arrive(): Promise<void> {
    this.giveUp();
    return this.#done.promise;
  }

  giveUp(): void {
    this.#missing--;
    if (this.#missing === 0) this.#happen().then(this.#done.resolve, this.#done.reject);
  }
}

async function runAll(
  title: string,
  { progress }: GroupSuiteOptions,
  clients: readonly GroupClient[],
  concurrency: number,
  run: (client: GroupClient, program: PreparedProgram, group: string) => Promise<Ran>,
): Promise<OutcomeReport> {
  const notes = new Map<string, string>();
  const outcomes = new Map<GroupClient, readonly Outcome[]>();
  await inParallel(clients, concurrency, async (client) => {
    const subject = labelOf(client);
    const began = performance.now();
    let version = "?";
    try {
      const program = await client.prepare();
      version = program.version;
      const { findings, records } = await run(client, program, nameOf(subject));
      const took = `${records} records in ${((performance.now() - began) / 1000).toFixed(1)} s`;
      const wrong = findings.flatMap(({ check, failure }) =>
        failure === null ? [] : [`; ${check}: ${failure}`]
      );
      progress(`${subject}: ${took}${wrong.join("")}`);
      notes.set(subject, took);
      outcomes.set(client, findings.map((finding) => ({ subject, version, ...finding })));
    } catch (error) {
      progress(`${subject}: ${messageOf(error)}`);
      outcomes.set(client, [{
        subject,
        version,
        check: "every record is handled",
        failure: messageOf(error),
      }]);
    }
  });
  return { title, outcomes: clients.flatMap((client) => outcomes.get(client) ?? []), notes };
}

/** Of a topic and its group. */
function nameOf(subject: string): string {
  return `${subject.replaceAll(/[^a-z]+/g, "-").replace(/^-/, "")}-${crypto.randomUUID().slice(0, 8)}`;
}
