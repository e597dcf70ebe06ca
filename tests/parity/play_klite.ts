import { freePort } from "../support/broker_ready.ts";
import { TestBroker } from "../support/test_broker.ts";
import { kliteConfig } from "./config.ts";
import { play } from "./play.ts";
import type { Chapter } from "./scenario.ts";

/** Plays scenarios of a chapter to a klite that is set up for it. */
export async function playToKlite(chapter: Chapter, scenarios = chapter.scenarios): ReturnType<typeof play> {
  const plainPort = freePort();
  await using broker = await TestBroker.start({ config: kliteConfig(chapter, plainPort) });
  return chapter.setting === undefined
    ? await play(scenarios, broker.port)
    : await play(scenarios, plainPort, broker.port);
}
