import assert from "node:assert/strict";
import { pausesHere, playOf } from "./plays.ts";
import { recordedFile, type RecordedPlay } from "./recorded.ts";

Deno.test("clients have to pause as long as Kafka's own quota managers have them pause", async () => {
  const lines = (await Deno.readTextFile(recordedFile)).trim().split("\n");
  const plays: RecordedPlay[] = lines.map((line) => JSON.parse(line));
  for (const { seed, pausesMs } of plays) {
    assert.deepEqual(pausesHere(playOf(seed)), pausesMs, `the play of seed ${seed}`);
  }
  assert(plays.some(({ pausesMs }) => pausesMs.some((pauseMs) => pauseMs > 0)));
});
