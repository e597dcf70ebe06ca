/** klite gives the answers that Apache Kafka gave to the same requests, but for differences that are named. */
import { deepStrictEqual, fail } from "node:assert/strict";
import { TestBroker } from "../../support/test_broker.ts";
import { kafkaAnswers, printed } from "./answers.ts";
import { CONVERSATIONS } from "./conversations/all.ts";
import { DIFFERENCES } from "./differences.ts";
import { Peer } from "./peer.ts";
import { unlike } from "./unlike.ts";

for (const conversation of CONVERSATIONS) {
  Deno.test(`klite answers as Kafka does: ${conversation.name}`, async () => {
    await using broker = await TestBroker.start();
    await using peer = new Peer(broker.port, "run0");
    await conversation.hold(peer);
    const kafka = await kafkaAnswers(conversation);
    deepStrictEqual(Object.keys(peer.answers), Object.keys(kafka), "the same is asked");

    const named = DIFFERENCES.filter((difference) => difference.conversation === conversation.name);
    const unused = new Set(named);
    const faults: Record<string, string[]> = {};
    for (const [question, answer] of Object.entries(peer.answers)) {
      const difference = named.find(({ questions }) => questions.test(question));
      if (difference !== undefined) unused.delete(difference);
      const due = difference === undefined ? kafka[question] : difference.klite(kafka[question]);
      const places = unlike(answer, due);
      if (places.length > 0) faults[question] = places;
    }
    for (const { questions } of unused) faults[String(questions)] = ["is named as a difference and is none"];
    if (Object.keys(faults).length > 0) fail(printed(faults));
  });
}
