/** Asks a real Apache Kafka, and keeps what its tools print: `deno run -A tests/clients/security/record_answers.ts`. */
import { killPrograms } from "../child_program.ts";
import { writeAnswers } from "../tools/compare.ts";
import { playSecurityTools } from "./play.ts";
import { SecuredBroker } from "./secured_broker.ts";

const broker = await SecuredBroker.start("kafka");
try {
  await writeAnswers(new URL("answers.json", import.meta.url), await playSecurityTools(broker));
} finally {
  await broker[Symbol.asyncDispose]();
  killPrograms();
}
Deno.exit(0);
