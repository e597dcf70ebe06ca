/**
 * Proves that clients pause as long as Kafka's own quota managers have them pause:
 *
 *     deno task quotas [--record] [SEED [COUNT]]
 *
 * COUNT plays from SEED on are played to Kafka's classes and here. With `--record` Kafka's answers to the first ones
 * are kept for the test.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { kafkaJars } from "../support/kafka_jars.ts";
import { RECORDED_PLAYS, recordedFile, type RecordedPlay } from "./recorded.ts";
import { linesOf, pausesHere, playOf } from "./plays.ts";

const SOURCE = fileURLToPath(new URL("KafkaQuotas.java", import.meta.url));

const { values, positionals: [first = "1", many = "1000"] } = parseArgs({
  options: { record: { type: "boolean" } },
  allowPositionals: true,
});
const count = values.record === true ? RECORDED_PLAYS : Number(many);
const seeds = Array.from({ length: count }, (_, index) => Number(values.record === true ? 1 : first) + index);
const plays = seeds.map((seed) => ({ seed, steps: playOf(seed) }));
const told = await askKafka(plays.flatMap(({ steps }) => linesOf(steps)));

const kafka: RecordedPlay[] = plays.map(({ seed, steps }) => {
  return { seed, pausesMs: told.splice(0, steps.filter((step) => step.do === "use").length) };
});
if (values.record === true) {
  await Deno.writeTextFile(recordedFile, kafka.map((play) => JSON.stringify(play) + "\n").join(""));
}
let different = 0;
for (const [index, { seed, pausesMs }] of kafka.entries()) {
  const here = pausesHere(plays[index]?.steps ?? []);
  const at = pausesMs.findIndex((pauseMs, use) => pauseMs !== here[use]);
  if (at < 0) continue;
  different++;
  console.log(`seed ${seed}, use ${at}: Kafka ${pausesMs[at]} ms, here ${here[at]} ms`);
}
const uses = kafka.reduce((sum, { pausesMs }) => sum + pausesMs.length, 0);
const pauses = kafka.reduce((sum, { pausesMs }) => sum + pausesMs.filter((pauseMs) => pauseMs > 0).length, 0);
console.log(
  `${count} plays from seed ${seeds[0]}: ${uses} uses, ${pauses} pauses, ${different} plays differ`,
);
Deno.exit(different === 0 ? 0 : 1);

async function askKafka(lines: readonly string[]): Promise<number[]> {
  const { classPath } = await kafkaJars();
  const child = new Deno.Command("java", {
    args: ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", classPath, SOURCE],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = new Response(child.stdout).text();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(lines.join("\n") + "\n"));
  await writer.close();
  const numbers = (await output).trim().split("\n").map(Number);
  if (!(await child.status).success) throw new Error("Kafka's side has failed");
  return numbers;
}
