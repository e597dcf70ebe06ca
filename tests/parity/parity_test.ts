/** klite gives the answers that Apache Kafka gave to the same requests, but for differences that are named. */
import { fail } from "node:assert/strict";
import { freePort } from "../support/broker_ready.ts";
import { TestBroker } from "../support/test_broker.ts";
import { keptAnswers, printed } from "./answers.ts";
import { compare } from "./compare.ts";
import { kliteConfig } from "./config.ts";
import { play } from "./play.ts";
import { CHAPTERS } from "./scenarios/all.ts";

for (const chapter of CHAPTERS) {
  Deno.test(`klite answers as Kafka does: ${chapter.name}, ${chapter.scenarios.length} scenarios`, async () => {
    const saslPort = freePort();
    await using broker = await TestBroker.start({ config: kliteConfig(chapter, saslPort) });
    const kafka = await keptAnswers(chapter);
    const klite = await play(chapter.scenarios, broker.port, saslPort);
    const faults = Array.from(klite, ([name, answers]) => {
      const faults = compare(name, answers, kafka.get(name));
      return Object.keys(faults).length === 0 ? "" : `\n${name}\n${printed(faults)}`;
    }).join("");
    if (faults !== "") fail(faults);
  });
}
