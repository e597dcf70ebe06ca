import type { Assignor } from "./assignors/assignor.ts";

/** What the operator allows consumer groups. Times are ms. */
export interface ConsumerLimits {
  /** A member that says nothing for so long is out. */
  readonly sessionTimeoutMs: number;
  /** How often members are told to say something. */
  readonly heartbeatIntervalMs: number;
  /** Members of one group. */
  readonly maxSize: number;
  /** Shortest time between two target assignments of a group: many who join at once cost a few of them. */
  readonly assignmentIntervalMs: number;
  /** After so long the topics of a pattern are looked up again in any case. */
  readonly patternRefreshIntervalMs: number;
  /** What clients may ask for; the first is taken when they do not. */
  readonly assignors: readonly Assignor[];
  readonly migration: MigrationPolicy;
  /** Members of a classic group: with more, a group does not become one. */
  readonly classicMaxSize: number;
}

/** Whether groups with members go over from one protocol to the other. */
export type MigrationPolicy = "bidirectional" | "upgrade" | "downgrade" | "disabled";

export function mayUpgrade({ migration }: ConsumerLimits): boolean {
  return migration === "bidirectional" || migration === "upgrade";
}

export function mayDowngrade({ migration }: ConsumerLimits): boolean {
  return migration === "bidirectional" || migration === "downgrade";
}
