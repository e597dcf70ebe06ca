/** How much a broker takes in and gives out at full speed, and what that costs it. */
import {
  BATCH_1M,
  BATCH_64K,
  fetch,
  type Label,
  LINGER_BATCH,
  LINGER_BATCH_OF_SMALL,
  load,
  ONE_RECORD,
  produce,
  type Scenario,
} from "./scenario.ts";

const TAIL_BYTES = 32_000_000;
const CATCH_UP_BYTES = 400_000_000;
const COLD_BYTES = 600_000_000;
const PAIRED_BYTES_MAX = 1_500_000_000;
const FETCH_1M = 1024 * 1024;
const FETCH_64K = 64 * 1024;

export const CORE: readonly Scenario[] = [
  produce(core("produce-1m", "1 MiB batches of 1 KiB records, 1 connection × 4 in flight"), "produce", {
    ...BATCH_1M,
    connections: 1,
    inFlight: 4,
  }),
  produce(quick("produce-64k", "64 KiB batches of 1 KiB records, 4 connections × 4 in flight"), "produce", {
    ...BATCH_64K,
    connections: 4,
    inFlight: 4,
  }),
  ...[1, 4, 16].map((connections) => {
    const who = connections === 1 ? "1 producer" : `${connections} producers`;
    const title =
      `${who} of 1 KiB records in 16 KiB batches, as a client with linger forms them, 5 in flight`;
    return produce(core(`produce-16k-${connections}`, title), "requests", {
      ...LINGER_BATCH,
      connections,
      inFlight: 5,
    });
  }),
  produce(core("produce-100b", "100 B records in 16 KiB batches, 4 connections × 5 in flight"), "requests", {
    ...LINGER_BATCH_OF_SMALL,
    connections: 4,
    inFlight: 5,
  }),
  ...oneRecord("produce-one", 16, 1),
  ...oneRecord("produce-one-64", 64, 1),
  ...oneRecord("produce-one-pipelined", 16, 8),
  ...oneRecord("produce-one-pipelined-64", 64, 8),
  produce(
    core(
      "produce-lz4",
      "64 KiB batches of 1 KiB records of text, lz4, 4 connections × 4 in flight; MB/s before compression",
    ),
    "requests",
    { ...BATCH_64K, connections: 4, inFlight: 4, options: { compression: "lz4" } },
  ),
  {
    ...produce(
      core("produce-idempotent", "produce-64k with producer ids and sequence numbers"),
      "produce",
      { ...BATCH_64K, connections: 4, inFlight: 4, options: { isIdempotent: true } },
    ),
    needs: { key: 22, name: "InitProducerId" },
  },
  fetch(quick("fetch-1m", "tail: fetches of 1 MiB from the newest 32 MB, 1 connection"), {
    connections: 1,
    fetchBytes: FETCH_1M,
    preloadBytes: TAIL_BYTES,
    isCold: false,
  }),
  fetch(quick("fetch-64k", "tail: fetches of 64 KiB from the newest 32 MB, 4 connections"), {
    connections: 4,
    fetchBytes: FETCH_64K,
    preloadBytes: TAIL_BYTES / 4,
    isCold: false,
  }),
  fetch(
    core("fetch-catch-up", "catch-up: fetches of 1 MiB over 400 MB that were just written, 1 connection"),
    {
      connections: 1,
      fetchBytes: FETCH_1M,
      preloadBytes: CATCH_UP_BYTES,
      isCold: false,
    },
  ),
  fetch(
    core(
      "fetch-cold",
      "cold: 600 MB with 128 MB more written behind them, once, after the system was made to forget the broker's files",
    ),
    { connections: 1, fetchBytes: FETCH_1M, preloadBytes: COLD_BYTES, isCold: true },
    { warmupMs: 0, windowMs: 30_000 },
  ),
  load(
    quick(
      "in-and-out",
      "16 producers and 16 consumers at once, 16 KiB batches of 1 KiB records, 5 in flight; what was consumed",
    ),
    "pair",
    (topic) => ({
      kind: "produceConsume",
      topic,
      pairs: 16,
      inFlight: 5,
      ...LINGER_BATCH,
      compression: null,
      bytesMax: PAIRED_BYTES_MAX,
    }),
  ),
];

function oneRecord(name: string, connections: number, inFlight: number): Scenario[] {
  const title = `requests of one 1 KiB record, ${connections} connections × ${inFlight} in flight`;
  const label = name === "produce-one-pipelined" ? quick(name, title) : core(name, title);
  return [produce(label, "requests", { ...ONE_RECORD, connections, inFlight })];
}

function core(name: string, title: string): Label {
  return { name, title, group: "core" };
}

function quick(name: string, title: string): Label {
  return { ...core(name, title), isQuick: true };
}
