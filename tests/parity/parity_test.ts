/** klite gives the answers that Apache Kafka gave to the same requests, but for differences that are named. */
import { fail } from "node:assert/strict";
import { keptAnswers, printed } from "./answers.ts";
import { compare } from "./compare.ts";
import { playToKlite } from "./play_klite.ts";
import { CHAPTERS } from "./scenarios/all.ts";

for (const chapter of CHAPTERS) {
  Deno.test(`klite answers as Kafka does: ${chapter.name}, ${chapter.scenarios.length} scenarios`, async () => {
    const kafka = await keptAnswers(chapter);
    const klite = await playToKlite(chapter);
    const faults = Array.from(klite, ([name, answers]) => {
      const faults = compare(name, answers, kafka.get(name));
      return Object.keys(faults).length === 0 ? "" : `\n${name}\n${printed(faults)}`;
    }).join("");
    if (faults !== "") fail(faults);
  });
}
