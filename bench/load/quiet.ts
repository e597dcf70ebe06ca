import { writeCalls } from "../measure/process.ts";

const LOOK_EVERY_MS = 250;
/** A broker at rest may write a little: Apache Kafka notes twice a second that it lives. */
const WRITES_AT_REST_MAX = 4;
const GIVE_UP_MS = 30_000;

/**
 * Waits until a broker has stopped writing by itself, for half a minute at most. Apache Kafka syncs a small
 * file in the background after the first write to each partition, which no later write has to bear.
 */
export async function untilQuiet(pids: readonly number[]): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  const writes = () => pids.reduce((sum, pid) => sum + writeCalls(pid), 0);
  for (let before = writes(); performance.now() < giveUpAt;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const now = writes();
    if (now - before <= WRITES_AT_REST_MAX) return;
    before = now;
  }
}
