/** What many partitions, many connections and much data cost. */
import { BATCH_64K, LINGER_BATCH, load, ONE_RECORD, produce, type Scenario } from "./scenario.ts";

const GIGABYTE = 1_000_000_000;
const PARTITIONS = 1_000;
const IDLE_PARTITIONS = 10_000;
const CONNECTIONS = 500;
const MANY_TOPICS = 2_000;
const FETCH_BYTES = 64 * 1024;
const SESSION_BYTES = 8_000_000;
/** It ends when the gigabyte is through; a broker that takes longer than this is too slow to be told anything of. */
const GIGABYTE_MS_MAX = 120_000;

export const SCALE: readonly Scenario[] = [
  load(
    {
      name: "gigabyte",
      title:
        "1 GB of 1 KiB records in 64 KiB batches in and out at full speed, 4 producers and 4 consumers: for the memory",
      group: "scale",
    },
    "pair",
    (topic) => ({
      kind: "produceConsume",
      topic,
      pairs: 4,
      inFlight: 4,
      ...BATCH_64K,
      compression: null,
      bytesMax: GIGABYTE,
    }),
    { warmupMs: 0, windowMs: GIGABYTE_MS_MAX },
  ),
  produce(
    {
      name: "partitions-1000",
      title: "produce-16k-4 spread over 1,000 partitions",
      group: "scale",
    },
    "requests",
    { ...LINGER_BATCH, connections: 4, inFlight: 5, options: { partitions: PARTITIONS } },
  ),
  produce(
    {
      name: "partitions-1000-one",
      title: "produce-16k-1 to one partition of 1,000, the others idle",
      group: "scale",
    },
    "requests",
    {
      ...LINGER_BATCH,
      connections: 1,
      inFlight: 5,
      options: { partitions: PARTITIONS, busyPartitions: 1 },
    },
  ),
  produce(
    {
      name: "connections-500",
      title: "requests of one 1 KiB record, 500 connections × 1 in flight",
      group: "scale",
    },
    "requests",
    { ...ONE_RECORD, connections: CONNECTIONS, inFlight: 1 },
  ),
  ...[1, PARTITIONS].map((partitions) =>
    load(
      {
        name: `fetch-session-${partitions}`,
        title: `fetches of 64 KiB of one partition in a session of ${formatCount(partitions)}, 1 connection`,
        group: "scale",
      },
      "requests",
      (topic) => ({
        kind: "sessionFetch",
        topic,
        partitions,
        fetchBytes: FETCH_BYTES,
        preloadBytes: SESSION_BYTES,
        ...BATCH_64K,
        compression: null,
      }),
    )
  ),
  ...[0, IDLE_PARTITIONS].map((idlePartitions) =>
    produce(
      {
        name: `beside-${idlePartitions}`,
        title: `produce-16k-4 with ${formatCount(idlePartitions)} idle partitions of another topic beside`,
        group: "scale",
        asks: "ours",
      },
      "requests",
      { ...LINGER_BATCH, connections: 4, inFlight: 5, options: { idlePartitions } },
    )
  ),
  // On brokers of its own: these topics stay, and with those of the others they are more than Kafka can open.
  load(
    {
      name: "metadata-all",
      title: `metadata of all of ${
        formatCount(MANY_TOPICS)
      } topics × 5 partitions, 1 connection × 1 in flight`,
      group: "topics",
    },
    "requests",
    (topic) => ({ kind: "metadata", topic, topics: MANY_TOPICS, partitions: 5 }),
  ),
];

function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}
