import { type Metric, single } from "./metric.ts";

/** Who may do what, and how often somebody wanted what they may not. */
export const ACL_METRICS: readonly Metric[] = [
  single("gauge", "klite_acls", "ACLs.", ({ serving }) => serving?.engine.state.security.acls.size),
  single(
    "counter",
    "klite_access_denied_total",
    "What clients asked for and may not do.",
    ({ serving }) => serving?.audit.deniedCount,
  ),
];
