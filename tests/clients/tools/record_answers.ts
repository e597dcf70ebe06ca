/** Asks a real Apache Kafka, and keeps what its tools print: `deno run -A tests/clients/tools/record_answers.ts`. */
import { killPrograms } from "../child_program.ts";
import { OwnBroker } from "../restartable.ts";
import { playTools } from "./play.ts";

const broker = await OwnBroker.start("kafka");
try {
  const answers = await playTools(broker.bootstrap);
  const file = new URL("answers.json", import.meta.url);
  await Deno.writeTextFile(file, `${JSON.stringify(answers, null, 2)}\n`);
  console.log(`${answers.length} answers`);
} finally {
  await broker[Symbol.asyncDispose]();
  killPrograms();
}
Deno.exit(0);
