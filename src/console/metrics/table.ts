import { ACL_METRICS } from "./acl_metrics.ts";
import { GROUP_METRICS } from "./group_metrics.ts";
import { LOG_METRICS } from "./log_metrics.ts";
import type { Metric } from "./metric.ts";
import { OBJECT_METRICS } from "./object_metrics.ts";
import { PROCESS_METRICS } from "./process_metrics.ts";
import { QUOTA_METRICS } from "./quota_metrics.ts";
import { REQUEST_METRICS } from "./request_metrics.ts";
import { TLS_METRICS } from "./tls_metrics.ts";
import { TOPIC_METRICS } from "./topic_metrics.ts";

/** All metrics, by heading of the reference page. */
export const METRICS: Readonly<Record<string, readonly Metric[]>> = {
  "Process": PROCESS_METRICS,
  "Requests and connections": REQUEST_METRICS,
  "TLS": TLS_METRICS,
  "Rights": ACL_METRICS,
  "Quotas": QUOTA_METRICS,
  "Topics": TOPIC_METRICS,
  "Groups and transactions": GROUP_METRICS,
  "Log": LOG_METRICS,
  "Objects": OBJECT_METRICS,
};
