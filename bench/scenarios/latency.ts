/** How long a record takes while the load is fixed. */
import { load, RECORD_BYTES, type Scenario } from "./scenario.ts";

export const LATENCY: readonly Scenario[] = [
  load(
    {
      name: "produce-20k",
      title: "20,000 records of 1 KiB a second from one producer, to the acknowledgement",
      group: "latency",
      isQuick: true,
    },
    "rate",
    (topic) => ({ kind: "produceAtRate", topic, recordsPerSecond: 20_000, recordBytes: RECORD_BYTES }),
  ),
  endToEnd("end-to-end-20k", 20_000, true),
  endToEnd("end-to-end-100k", 100_000, false),
];

function endToEnd(name: string, recordsPerSecond: number, isQuick: boolean): Scenario {
  const rate = recordsPerSecond.toLocaleString("en-US");
  const title = `${rate} records of 1 KiB a second from a producer to a consumer`;
  return load({ name, title, group: "latency", isQuick }, "rate", (topic) => ({
    kind: "endToEnd",
    topic,
    recordsPerSecond,
    recordBytes: RECORD_BYTES,
  }));
}
