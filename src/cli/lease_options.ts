import { duration } from "./kinds.ts";
import type { OptionTable } from "./option.ts";

const DAY_MS = 86_400_000;

/** The options of `klite start` about being the one broker of a cluster in a bucket. */
export const leaseOptions = {
  leaseDurationMs: {
    flag: "lease-duration",
    kind: duration(1000, DAY_MS),
    default: "15s",
    group: "Object storage",
    help: "With a bucket: how long its lease must not have been renewed until another broker may take it.",
    more:
      "A broker that finds the lease held watches it for so long, and gives up at the first sign of life. One that was " +
      "stopped in order has released it, and one that starts on its own data directory takes it back at once. " +
      "That the bucket is away costs nobody the lease.",
  },
  leaseRenewIntervalMs: {
    flag: "lease-renew-interval",
    kind: duration(100, DAY_MS),
    default: "5s",
    group: "Object storage",
    help: "How often the lease is renewed; at most half of its duration. Each time is one put.",
  },
  leaseRetryIntervalMs: {
    flag: "lease-retry-interval",
    kind: duration(100, DAY_MS),
    default: "2s",
    group: "Object storage",
    help:
      "How often a renewal that failed is tried again, and the lease of another broker is looked at while it is watched.",
  },
} as const satisfies OptionTable;
