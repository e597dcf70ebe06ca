import { labelled, type Metric, single } from "./metric.ts";

/** Consumer groups and transactions. */
export const GROUP_METRICS: readonly Metric[] = [
  {
    type: "gauge",
    name: "klite_groups",
    help: "Groups, by protocol and state.",
    *read({ serving }) {
      const counts = new Map<string, { readonly protocol: string; readonly state: string; count: number }>();
      for (const { kind, stateName } of serving?.engine.state.groups ?? []) {
        const key = `${kind} ${stateName}`;
        const entry = counts.get(key) ?? { protocol: kind, state: stateName, count: 0 };
        entry.count++;
        counts.set(key, entry);
      }
      for (const { protocol, state, count } of counts.values()) {
        yield { labels: { protocol, state }, value: count };
      }
    },
  },
  labelled(
    "gauge",
    "klite_group_lag_records",
    "Records that a group has not committed yet, over all partitions that it has committed offsets of.",
    "group",
    ({ groups }) => groups.map(({ label, lag }) => [label, lag] as const),
  ),
  labelled(
    "gauge",
    "klite_group_partition_lag_records_max",
    "The same of the partition where it is most.",
    "group",
    ({ groups }) => groups.map(({ label, lagMax }) => [label, lagMax] as const),
  ),
  {
    type: "gauge",
    name: "klite_group_state",
    help: "Always 1; the state of the group is a label.",
    *read({ groups }) {
      for (const { label, state } of groups) {
        if (state !== "") yield { labels: { group: label, state }, value: 1 };
      }
    },
  },
  single(
    "gauge",
    "klite_transactions_open",
    "Transactions that are open.",
    ({ serving }) => serving?.engine.state.transactions.open.size,
  ),
  single(
    "gauge",
    "klite_transaction_oldest_age_seconds",
    "Since when the oldest one is open; 0 when none is. Readers of committed records wait for it.",
    ({ serving, nowMs }) => {
      if (serving === null) return null;
      const { open } = serving.engine.state.transactions;
      return open.values().reduce((age, { startMs }) => Math.max(age, (nowMs - startMs) / 1000), 0);
    },
  ),
  single(
    "gauge",
    "klite_transactional_ids",
    "Transactional ids that are remembered.",
    ({ serving }) => serving?.engine.state.transactions.size,
  ),
];
