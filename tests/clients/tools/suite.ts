/** Kafka's command line tools for groups, offsets, transactions and features print of klite what they print of Kafka. */
import { messageOf, type OutcomeReport } from "../outcome.ts";
import { type BrokerKind, OwnBroker } from "../restartable.ts";
import { kafkaJars } from "../../support/kafka_jars.ts";
import { compareAnswers, readAnswers } from "./compare.ts";
import { playTools } from "./play.ts";
import { UNLIKE } from "./unlike.ts";

/** What is run: with a broker of its own, as the tools list all groups there are. */
export interface ToolSuiteOptions {
  readonly kind: BrokerKind;
  /** Told of every step that is done. */
  readonly progress: (line: string) => void;
}

/** Asks the broker and holds the answers against those of a real Kafka. */
export async function runToolSuite({ kind, progress }: ToolSuiteOptions): Promise<OutcomeReport> {
  const title = "Kafka's tools print what they print of a real Kafka";
  const { version } = await kafkaJars();
  try {
    await using broker = await OwnBroker.start(kind);
    const answers = await playTools(broker.bootstrap);
    const expected = await readAnswers(new URL("answers.json", import.meta.url));
    const unlike = kind === "klite" ? UNLIKE : new Map();
    const outcomes = compareAnswers(answers, { expected, unlike, version }, progress);
    const good = outcomes.filter(({ failure }) => failure === null).length;
    progress(`tools: ${good} of ${outcomes.length} runs as of Kafka`);
    const notes = new Map(
      [...Map.groupBy(outcomes, ({ subject }) => subject)].map((
        [subject, found],
      ) => [subject, `${found.length} runs`]),
    );
    return { title, outcomes, notes };
  } catch (error) {
    progress(`tools: ${messageOf(error)}`);
    return {
      title,
      outcomes: [{ subject: "all", version, check: "as Kafka", failure: messageOf(error) }],
      notes: new Map(),
    };
  }
}
