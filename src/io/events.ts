/**
 * Every notable thing that happens in the broker, as one typed union. Log,
 * metrics and tests all read these; nothing else writes log lines.
 */
export type KliteEvent =
  | {
    readonly type: "broker_started";
    readonly listen: string;
    readonly clusterId: string;
    readonly startMs: number;
  }
  | { readonly type: "broker_stopping"; readonly reason: string }
  | { readonly type: "broker_stopped" }
  | { readonly type: "broker_failed"; readonly error: unknown };

/** Where events go. Must not throw and must not block. */
export type EventSink = (event: KliteEvent) => void;
