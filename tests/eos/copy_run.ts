/**
 * A topic is copied in transactions by two programs of one group, while records
 * come in, the programs are killed and the broker is killed. What is committed in
 * the end is the source, record by record.
 */
import { Load } from "../clients/load.ts";
import type { PreparedProgram } from "../clients/programs.ts";
import type { Restartable } from "../clients/restartable.ts";
import { TopicAdmin } from "../clients/topic_admin.ts";
import { CommittedOffsets } from "./committed_offsets.ts";
import { findUnlike, readCommitted, valuesBy } from "./read_topic.ts";
import { makeTrouble, waitFor } from "./trouble.ts";
import { Worker } from "./worker.ts";

/** What is run. */
export interface CopyOptions {
  readonly broker: Restartable;
  readonly program: PreparedProgram;
  /** The program's arguments. */
  readonly argumentsOf: (copy: Copy) => readonly string[];
  readonly name: string;
  readonly rounds: number;
  readonly recordsPerSecond: number;
}

/** What one program is to do. */
export interface Copy {
  readonly bootstrap: string;
  readonly group: string;
  readonly source: string;
  readonly target: string;
  readonly transactionalId: string;
}

const PARTITIONS = 3;
const PAUSE_MS = 3_000;

/** Lets it happen; answers what is wrong (null: nothing) and how many records there were. */
export async function copyRun(options: CopyOptions): Promise<{ failure: string | null; note: string }> {
  const { broker, program, name, recordsPerSecond, rounds } = options;
  const { bootstrap } = broker;
  const [source, target] = [`${name}-source`, `${name}-target`];
  const admin = await TopicAdmin.connect(bootstrap);
  await admin.create([{ name: source, partitions: PARTITIONS }, { name: target, partitions: PARTITIONS }]);
  await admin.close();
  const load = await Load.start(bootstrap, source, PARTITIONS, recordsPerSecond);
  const workers = ["a", "b"].map((id) => {
    const copy = { bootstrap, group: name, source, target, transactionalId: `${name}-${id}` };
    return new Worker(program, options.argumentsOf(copy));
  });
  try {
    await makeTrouble(broker, workers, { rounds, pauseMs: PAUSE_MS });
    const ends = await load.stop();
    await using committed = await CommittedOffsets.of(bootstrap, name, source);
    const state = () =>
      `committed ${committed.latest.join()} of ${ends.join()}\n${workers.map(({ log }) => log).join("")}`;
    await waitFor("copying all", async () => (await committed.look()).join() === ends.join(), state);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
  const expected = valuesBy(await readCommitted(bootstrap, source), "partition");
  const actual = valuesBy(await readCommitted(bootstrap, target), "partition");
  const records = [...expected.values()].reduce((sum, values) => sum + values.length, 0);
  const starts = workers.reduce((sum, worker) => sum + worker.starts, 0);
  return { failure: findUnlike(expected, actual), note: `${records} records, ${starts} starts` };
}
