/**
 * Every notable thing that happens in the broker, as one typed union. Log,
 * metrics and tests all read these; nothing else writes log lines.
 */
export type KliteEvent =
  /** Recovery is done: `replayedBatches` came from the log, the rest from the snapshot at `snapshotLsn`. */
  | {
    readonly type: "log_recovered";
    readonly snapshotLsn: number;
    readonly endLsn: number;
    readonly replayedBatches: number;
  }
  /** Acknowledged bytes of the log were given up at the operator's demand. */
  | { readonly type: "data_lost"; readonly fromLsn: number; readonly toLsn: number }
  | { readonly type: "snapshot_saved"; readonly lsn: number }
  | { readonly type: "snapshot_failed"; readonly error: unknown }
  /** The config in force, by flag; secrets are masked. */
  | { readonly type: "config_loaded"; readonly settings: Readonly<Record<string, string>> }
  /** Nobody said what clients are to connect to, and the listener has no one address. */
  | { readonly type: "advertised_guessed"; readonly advertised: string }
  | { readonly type: "health_listening"; readonly address: string }
  | {
    readonly type: "broker_started";
    readonly listen: string;
    readonly clusterId: string;
    readonly startMs: number;
  }
  | { readonly type: "broker_stopping"; readonly reason: string }
  | { readonly type: "broker_stopped" }
  /** `advice` says what the operator can do about it; empty when nothing is known. */
  | { readonly type: "broker_failed"; readonly error: unknown; readonly advice: string };

/** Where events go. Must not throw and must not block. */
export type EventSink = (event: KliteEvent) => void;
