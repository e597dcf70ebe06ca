/** Groups of every client: several members, joins, leaves and crashes under load, and a restart of the broker. */
import { inParallel, messageOf, type Outcome, type OutcomeReport } from "../outcome.ts";
import type { PreparedProgram } from "../programs.ts";
import type { Restartable } from "../restartable.ts";
import { churn } from "./churn.ts";
import { type GroupClient, labelOf } from "./group_clients.ts";
import { GroupRun } from "./group_run.ts";

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
const PARTITIONS = 6;
const LONG_ROUNDS = 12;
const QUICK_RECORDS_PER_SECOND = 500;
const LONG_RECORDS_PER_SECOND = 2_000;

/** Runs all of it. Failures of clients are in the report; only trouble of the run itself is thrown. */
export async function runGroupSuite(options: GroupSuiteOptions): Promise<OutcomeReport> {
  const notes = new Map<string, string>();
  const outcomes = new Map<GroupClient, Outcome[]>();
  await inParallel(options.clients, CONCURRENCY, async (client) => {
    outcomes.set(client, await runClient(options, client, notes));
  });
  return {
    title: "Groups: members join, leave and crash under load",
    outcomes: options.clients.flatMap((client) => outcomes.get(client) ?? []),
    notes,
  };
}

async function runClient(
  { broker, isQuick, seed, progress }: GroupSuiteOptions,
  client: GroupClient,
  notes: Map<string, string>,
): Promise<Outcome[]> {
  const subject = labelOf(client);
  const began = performance.now();
  let program: PreparedProgram;
  try {
    program = await client.prepare();
  } catch (error) {
    return [{ subject, version: "?", check: "is ready", failure: messageOf(error) }];
  }
  const { version } = program;
  await using run = await GroupRun.start({
    bootstrap: broker.bootstrap,
    client,
    program,
    group: `groups-${crypto.randomUUID().slice(0, 8)}-${
      subject.replaceAll(/[^a-z]+/g, "-").replace(/^-/, "")
    }`,
    partitions: PARTITIONS,
    recordsPerSecond: isQuick ? QUICK_RECORDS_PER_SECOND : LONG_RECORDS_PER_SECOND,
  });
  const rounds = isQuick ? 0 : LONG_ROUNDS;
  try {
    const findings = await churn(run, { isStatic: client.isStatic ?? false, rounds, seed });
    const wrong = findings.flatMap(({ check, failure }) =>
      failure === null ? [] : [`; ${check}: ${failure}`]
    );
    const took = `${run.records} records in ${((performance.now() - began) / 1000).toFixed(1)} s`;
    progress(`${subject}: ${took}${wrong.join("")}`);
    notes.set(subject, took);
    return findings.map((finding) => ({ subject, version, ...finding }));
  } catch (error) {
    progress(`${subject}: ${messageOf(error)}`);
    return [{ subject, version, check: "every record is handled", failure: messageOf(error) }];
  }
}
