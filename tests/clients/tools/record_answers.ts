/** Asks a real Apache Kafka, and keeps what its tools print: `deno run -A tests/clients/tools/record_answers.ts`. */
import { killPrograms } from "../child_program.ts";
import { OwnBroker } from "../restartable.ts";
import { writeAnswers } from "./compare.ts";
import { playTools } from "./play.ts";

const broker = await OwnBroker.start("kafka");
try {
  await writeAnswers(new URL("answers.json", import.meta.url), await playTools(broker.bootstrap));
} finally {
  await broker[Symbol.asyncDispose]();
  killPrograms();
}
Deno.exit(0);
