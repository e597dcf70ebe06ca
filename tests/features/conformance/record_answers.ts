/**
 * Holds the conversations with a real Apache Kafka and keeps its answers:
 *
 *     deno run -A tests/features/conformance/record_answers.ts [PORT]
 *
 * Without the port of one that runs, it starts one of its own.
 */
import { dirname } from "node:path";
import { ApacheKafka } from "../../support/apache_kafka.ts";
import { answersFile, printed } from "./answers.ts";
import { CONVERSATIONS } from "./conversations/all.ts";
import { Peer } from "./peer.ts";

const [given] = Deno.args;
const kafka = given === undefined ? await ApacheKafka.start() : null;
const port = kafka?.port ?? Number(given);
try {
  const base = Date.now().toString(36);
  for (const [index, conversation] of CONVERSATIONS.entries()) {
    await using peer = new Peer(port, `${base}${index}`);
    await conversation.hold(peer);
    const file = answersFile(conversation);
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeTextFile(file, printed(peer.answers));
    console.log(`${conversation.name}: ${Object.keys(peer.answers).length} answers`);
  }
} finally {
  await kafka?.stop();
}
