/**
 * Plays the scenarios to a real Apache Kafka and to klite, and says where their answers differ:
 *
 *     deno task parity [--record] [--kafka PORT] [WORDS OF CHAPTERS OR SCENARIOS]
 *
 * `--record` keeps Kafka's answers for the tests. `--kafka` takes one that runs in place of starting one; it should
 * have the properties of `config.ts`.
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { ApacheKafka } from "../support/apache_kafka.ts";
import { TestBroker } from "../support/test_broker.ts";
import type { Answers } from "./answer_book.ts";
import { answersFile, keptAnswers, printed, printedChapter } from "./answers.ts";
import { compare } from "./compare.ts";
import { KAFKA_PROPERTIES, KLITE_CONFIG } from "./config.ts";
import { play } from "./play.ts";
import type { Chapter } from "./scenario.ts";
import { CHAPTERS } from "./scenarios/all.ts";

const { values, positionals } = parseArgs({
  options: { record: { type: "boolean" }, kafka: { type: "string" } },
  allowPositionals: true,
});
const words = positionals.join(" ");
let differences = 0;

async function live(chapter: Chapter, kafkaPort: number, klitePort: number): Promise<void> {
  const scenarios = chapter.scenarios.filter(({ name }) => `${chapter.name}: ${name}`.includes(words));
  if (scenarios.length === 0) return;
  const [kafka, klite] = [await play(scenarios, kafkaPort), await play(scenarios, klitePort)];
  const good = new Map<string, Answers>();
  for (const { name } of scenarios) {
    const [theirs, ours] = [kafka.get(name), klite.get(name)];
    if (theirs === undefined || ours === undefined) throw new Error(`"${name}" was not played`);
    if (theirs instanceof Error) throw theirs;
    good.set(name, theirs);
    const faults = compare(name, ours, theirs);
    if (Object.keys(faults).length === 0) continue;
    differences++;
    console.log(`${chapter.name}: ${name}\n${printed(faults)}`);
  }
  console.log(`${chapter.name}: ${scenarios.length} scenarios`);
  if (values.record === true) await record(chapter, good);
}

/** Answers of scenarios that were not played stay as they are. */
async function record(chapter: Chapter, fresh: ReadonlyMap<string, Answers>): Promise<void> {
  const kept = fresh.size === chapter.scenarios.length ? new Map() : await keptAnswers(chapter);
  const all = new Map<string, Answers>();
  for (const { name } of chapter.scenarios) {
    const answers = fresh.get(name) ?? kept.get(name);
    if (answers !== undefined) all.set(name, answers);
  }
  const file = answersFile(chapter);
  await Deno.mkdir(dirname(file), { recursive: true });
  await Deno.writeTextFile(file, printedChapter(all));
}

const kafka = values.kafka === undefined ? await ApacheKafka.start({ properties: KAFKA_PROPERTIES }) : null;
try {
  await using klite = await TestBroker.start({ config: KLITE_CONFIG });
  for (const chapter of CHAPTERS) await live(chapter, kafka?.port ?? Number(values.kafka), klite.port);
} finally {
  await kafka?.stop();
}
console.log(`${differences} scenarios differ where no difference is named`);
Deno.exit(differences === 0 ? 0 : 1);
