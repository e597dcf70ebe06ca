/**
 * What looks into batches: appending those of producers, and finding records by their time. A room of its own in
 * the engine, loaded with the APIs that need it.
 */
import type { Engine } from "../engine.ts";
import { RecordAppender } from "./record_appender.ts";

export { OffsetLookup } from "./offset_lookup.ts";
export type { AppendOutcome, ProduceRequestFacts, RecordAppender } from "./record_appender.ts";

const appenders = new WeakMap<Engine, RecordAppender>();

/** What appends batches to an engine's partitions; made when first asked for. */
export function appenderOf(engine: Engine): RecordAppender {
  let appender = appenders.get(engine);
  if (appender === undefined) {
    appender = new RecordAppender(engine);
    appenders.set(engine, appender);
  }
  return appender;
}
