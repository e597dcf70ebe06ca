/** What Kafka's quota managers have said, kept for the test. */
import { fileURLToPath } from "node:url";

/** How long the clients of a play have to pause, use by use. */
export interface RecordedPlay {
  readonly seed: number;
  readonly pausesMs: readonly number[];
}

export const RECORDED_PLAYS = 40;
export const recordedFile = fileURLToPath(new URL("kafka_pauses.jsonl", import.meta.url));
