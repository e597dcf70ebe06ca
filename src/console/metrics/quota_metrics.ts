import { labelled, type Metric, single } from "./metric.ts";

/** What is set for clients, and what becomes of those who use more. */
export const QUOTA_METRICS: readonly Metric[] = [
  single(
    "gauge",
    "klite_quota_entities",
    "Users, client ids, pairs of them and addresses that quotas are set for.",
    ({ serving }) => serving?.engine.state.security.quotas.size,
  ),
  labelled(
    "counter",
    "klite_throttled_requests_total",
    "Requests whose clients had to pause, by what they had used too much of.",
    "quota",
    ({ serving }) =>
      Object.entries(serving?.quotas.figures ?? {}).map(([kind, { requests }]) => [kind, requests]),
  ),
  labelled(
    "counter",
    "klite_throttle_seconds_total",
    "For how long they had to, all together.",
    "quota",
    ({ serving }) => Object.entries(serving?.quotas.figures ?? {}).map(([kind, { ms }]) => [kind, ms / 1000]),
  ),
];
