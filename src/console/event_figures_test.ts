import { deepStrictEqual } from "node:assert/strict";
import { SimClock } from "../io/sim/clock.ts";
import type { KliteEvent } from "../io/events.ts";
import { counting, EventFigures } from "./event_figures.ts";

Deno.test("events are counted on their way, and what they tell in numbers is summed", () => {
  const figures = new EventFigures();
  const seen: KliteEvent[] = [];
  const sink = counting((event) => seen.push(event), figures, new SimClock());
  sink({ type: "flush_done", objects: 2, bytes: 10, durationMs: 500 });
  sink({ type: "flush_done", objects: 1, bytes: 5, durationMs: 500 });
  sink({ type: "store_away", error: "no answer", retryInMs: 1000 });
  deepStrictEqual(
    [figures.flushedObjects, figures.flushedBytes, figures.flushSeconds, figures.isStoreAway, seen.length],
    [3, 15, 1, true, 3],
  );
  sink({ type: "records_unreadable", topic: "t", partition: 0, fromOffset: 10, toOffset: 15 });
  sink({ type: "records_unreadable", topic: "t", partition: 1, fromOffset: 0, toOffset: 2 });
  deepStrictEqual([figures.count("records_unreadable"), figures.unreadableOffsets], [2, 7]);
  sink({ type: "store_back", awayMs: 1 });
  deepStrictEqual([figures.count("flush_done"), figures.count("broker_stopped"), figures.isStoreAway], [
    ...[2, 0, false],
  ]);
});
