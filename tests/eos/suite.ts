/** Exactly once with real programs: they, and the broker, are killed, and what is committed is exactly right. */
import { messageOf, type Outcome, type OutcomeReport } from "../clients/outcome.ts";
import {
  type PreparedProgram,
  prepareGo,
  prepareKafkaTool,
  preparePython,
  prepareStreams,
} from "../clients/programs.ts";
import { kcat } from "../clients/records/kcat.ts";
import type { Restartable } from "../clients/restartable.ts";
import { type Copy, copyRun } from "./copy_run.ts";
import { streamsRun } from "./streams_run.ts";

/** What is run. */
export interface ExactlyOnceOptions {
  readonly broker: Restartable;
  /** Only programs of these clients. */
  readonly clients: readonly string[];
  readonly isQuick: boolean;
  /** Told of every step that is done. */
  readonly progress: (line: string) => void;
}

/** One program and how it is run. */
interface Program {
  readonly subject: string;
  /** The client that it is written with. */
  readonly client: string;
  readonly prepare: () => Promise<PreparedProgram>;
  /** Null for the Streams application. */
  readonly argumentsOf: ((copy: Copy) => readonly string[]) | null;
}

const QUICK_ROUNDS = 1;
const LONG_ROUNDS = 6;
const QUICK_RECORDS_PER_SECOND = 300;
const LONG_RECORDS_PER_SECOND = 1_000;

const inOrder = ({ bootstrap, group, source, target, transactionalId }: Copy) => [
  bootstrap,
  group,
  source,
  target,
  transactionalId,
];

const copierFlags = ({ bootstrap, group, source, target, transactionalId }: Copy) => [
  ...["--broker-list", bootstrap, "--consumer-group", group],
  ...["--input-topic", source, "--input-partition", "-1", "--output-topic", target],
  ...["--transactional-id", transactionalId, "--transaction-timeout", "10000", "--transaction-size", "50"],
  ...["--group-mode", "--use-group-metadata", "--enable-random-aborts"],
];

const PROGRAMS: readonly Program[] = [
  {
    subject: "Kafka Streams, exactly_once_v2",
    client: "kafka-clients",
    prepare: () => prepareStreams("StreamsApp"),
    argumentsOf: null,
  },
  {
    subject: "TransactionalMessageCopier",
    client: "kafka-clients",
    prepare: () => prepareKafkaTool("org.apache.kafka.tools.TransactionalMessageCopier"),
    argumentsOf: copierFlags,
  },
  {
    subject: "confluent-kafka-python, copying",
    client: "confluent-kafka-python",
    prepare: () => preparePython("confluent_transactor.py", "confluent-kafka"),
    argumentsOf: inOrder,
  },
  {
    subject: "franz-go, copying",
    client: "franz-go",
    prepare: () => prepareGo("transactor", "franz-go"),
    argumentsOf: inOrder,
  },
];

/** Runs all of it. The broker is killed only when it is ours; programs run one after another, as all would be hit. */
export async function runExactlyOnceSuite(options: ExactlyOnceOptions): Promise<OutcomeReport> {
  const notes = new Map<string, string>();
  const outcomes: Outcome[] = [];
  await kcat.prepare();
  const programs = PROGRAMS.filter(({ client }) => options.clients.includes(client));
  for (const program of programs) {
    const { subject } = program;
    const began = performance.now();
    let version = "?";
    let failure: string | null;
    try {
      const prepared = await program.prepare();
      version = prepared.version;
      const ran = await run(options, program, prepared);
      failure = ran.failure;
      notes.set(subject, `${ran.note}, ${((performance.now() - began) / 1000).toFixed(1)} s`);
    } catch (error) {
      failure = messageOf(error);
    }
    options.progress(`${subject}: ${failure ?? notes.get(subject)}`);
    outcomes.push({ subject, version, check: "exactly once", failure });
  }
  return { title: TITLE, outcomes, notes };
}

const TITLE = "Exactly once: programs and broker are killed, read_committed output is held against the input";

function run({ broker, isQuick }: ExactlyOnceOptions, program: Program, prepared: PreparedProgram) {
  const name = `eos-${crypto.randomUUID().slice(0, 8)}`;
  const rounds = isQuick ? QUICK_ROUNDS : LONG_ROUNDS;
  const { argumentsOf } = program;
  if (argumentsOf === null) return streamsRun({ broker, program: prepared, name, rounds });
  const recordsPerSecond = isQuick ? QUICK_RECORDS_PER_SECOND : LONG_RECORDS_PER_SECOND;
  return copyRun({ broker, program: prepared, argumentsOf, name, rounds, recordsPerSecond });
}
