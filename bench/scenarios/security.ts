/** What it costs to ask for rights and quotas. */
import { BATCH_64K, produce, type Scenario } from "./scenario.ts";

export const SECURITY: readonly Scenario[] = [
  produce(
    {
      name: "produce-64k-rights",
      title: "64 KiB batches to a broker that asks 1,000 ACLs and 100 quotas, beside one that has none; " +
        "1 KiB records, 4 connections × 4 in flight",
      group: "security",
      asks: "rights",
    },
    // Not by the machine: its limits are those of another run where this one is put beside others.
    "requests",
    { ...BATCH_64K, connections: 4, inFlight: 4 },
  ),
];
