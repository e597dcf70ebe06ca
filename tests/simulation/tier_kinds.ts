import type { TopicRules } from "./tier_partition.ts";

const HOUR_MS = 3_600_000;
const DELETE_RETENTION_MS = 60_000;
/** Of a topic that keeps all. */
const NONE_GO: TopicRules = {
  isCompacted: false,
  retentionMs: Infinity,
  retentionBytes: Infinity,
  deleteRetentionMs: DELETE_RETENTION_MS,
};

/** What can become of a topic's records. */
export const KINDS: readonly {
  readonly configs: Readonly<Record<string, string>>;
  readonly rules: TopicRules;
}[] = [
  { configs: { "retention.ms": "-1" }, rules: NONE_GO },
  { configs: { "retention.ms": "2000" }, rules: { ...NONE_GO, retentionMs: 2000 } },
  {
    configs: { "retention.ms": "-1", "retention.bytes": "8000" },
    rules: { ...NONE_GO, retentionBytes: 8000 },
  },
  { configs: compacting("compact"), rules: { ...NONE_GO, isCompacted: true } },
  {
    configs: { ...compacting("compact,delete"), "retention.ms": "3600000" },
    rules: { ...NONE_GO, isCompacted: true, retentionMs: HOUR_MS },
  },
];

function compacting(policy: string): Record<string, string> {
  return {
    "cleanup.policy": policy,
    "min.cleanable.dirty.ratio": "0.01",
    "delete.retention.ms": String(DELETE_RETENTION_MS),
  };
}
