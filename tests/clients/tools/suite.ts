/** Kafka's command line tools for groups, offsets, transactions and features print of klite what they print of Kafka. */
import { messageOf, type Outcome, type OutcomeReport } from "../outcome.ts";
import { type BrokerKind, OwnBroker } from "../restartable.ts";
import { kafkaJars } from "../../support/kafka_jars.ts";
import { playTools, type ToolAnswer } from "./play.ts";
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
    const expected: ToolAnswer[] = JSON.parse(
      await Deno.readTextFile(new URL("answers.json", import.meta.url)),
    );
    const outcomes = expected.map((one, index): Outcome => {
      const { title: run } = one;
      const failure = difference(
        one,
        answers[index],
        kind === "klite" ? UNLIKE.get(run)?.compared : undefined,
      );
      if (failure !== null) progress(`${run}: ${failure}`);
      return {
        subject: run.split(" ")[0] ?? "",
        version,
        check: "as Kafka",
        failure: failure && `${run}: ${failure}`,
      };
    });
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

function difference(expected: ToolAnswer, actual: ToolAnswer | undefined, compared = /^/): string | null {
  if (actual === undefined) return "there is no answer";
  const [wanted, found] = [expected, actual].map(({ lines }) =>
    lines.filter((line) => compared.test(line)).join("\n")
  );
  return wanted === found ? null : `it printed\n${found}\ninstead of\n${wanted}`;
}
