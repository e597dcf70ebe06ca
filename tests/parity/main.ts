/**
 * Plays the scenarios to a real Apache Kafka and to klite, and says where their answers differ:
 *
 *     deno task parity [--record] [--kafka PORT] [WORDS OF CHAPTERS OR SCENARIOS]
 *
 * With `--record` Kafka's answers are kept for the tests, and klite is not asked. `--kafka` takes one that runs in
 * place of starting one; it should have the properties of `config.ts`. Chapters with a setting have one of their own.
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { ApacheKafka } from "../support/apache_kafka.ts";
import { freePort } from "../support/broker_ready.ts";
import type { Answers } from "./answer_book.ts";
import { answersFile, keptAnswers, printed, printedChapter } from "./answers.ts";
import { compare } from "./compare.ts";
import { KAFKA_PROPERTIES, type Setting } from "./config.ts";
import { play } from "./play.ts";
import { playToKlite } from "./play_klite.ts";
import type { Chapter, Scenario } from "./scenario.ts";
import { CHAPTERS } from "./scenarios/all.ts";

const { values, positionals } = parseArgs({
  options: { record: { type: "boolean" }, kafka: { type: "string" } },
  allowPositionals: true,
});
const words = positionals.join(" ");

/** Kafka's answers to what is chosen of a chapter. */
async function kafkaAnswers(
  scenarios: readonly Scenario[],
  port: number,
  saslPort?: number,
): Promise<Map<string, Answers>> {
  const answers = new Map<string, Answers>();
  for (const [name, result] of await play(scenarios, port, saslPort)) {
    if (result instanceof Error) console.log(`Kafka, ${name}: ${result.message}`);
    else answers.set(name, result);
  }
  return answers;
}

/** The same of a Kafka that is set up for the chapter alone. */
async function kafkaOfItsOwn(
  setting: Setting,
  scenarios: readonly Scenario[],
): Promise<Map<string, Answers>> {
  const saslPort = freePort();
  const properties = { ...KAFKA_PROPERTIES, ...setting.kafka };
  const kafka = await ApacheKafka.start({ properties, saslPort });
  try {
    return await kafkaAnswers(scenarios, kafka.port, saslPort);
  } finally {
    await kafka.stop();
  }
}

/** How many scenarios klite answers otherwise than Kafka does and than the differences say. */
async function differing(
  chapter: Chapter,
  scenarios: readonly Scenario[],
  kafka: ReadonlyMap<string, Answers>,
): Promise<number> {
  let count = 0;
  for (const [name, klite] of await playToKlite(chapter, scenarios)) {
    const faults = compare(name, klite, kafka.get(name));
    if (Object.keys(faults).length === 0) continue;
    console.log(`${chapter.name}: ${name}\n${printed(faults)}`);
    count++;
  }
  return count;
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

const chosen = CHAPTERS.map((chapter) => ({
  chapter,
  scenarios: chapter.scenarios.filter(({ name }) => `${chapter.name}: ${name}`.includes(words)),
})).filter(({ scenarios }) => scenarios.length > 0);
const isShared = chosen.some(({ chapter }) => chapter.setting === undefined);
const own = isShared && values.kafka === undefined
  ? await ApacheKafka.start({ properties: KAFKA_PROPERTIES })
  : null;
let count = 0;
try {
  for (const { chapter, scenarios } of chosen) {
    const kafka = chapter.setting === undefined
      ? await kafkaAnswers(scenarios, own?.port ?? Number(values.kafka))
      : await kafkaOfItsOwn(chapter.setting, scenarios);
    console.log(`${chapter.name}: ${scenarios.length} scenarios`);
    if (values.record === true) await record(chapter, kafka);
    else count += await differing(chapter, scenarios, kafka);
  }
} finally {
  await own?.stop();
}
if (values.record !== true) console.log(`${count} scenarios differ where no difference is named`);
Deno.exit(count === 0 ? 0 : 1);
