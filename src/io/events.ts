import type { Address } from "./network.ts";

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
  /** The lease of the cluster in the object store is this broker's. */
  | { readonly type: "lease_taken"; readonly key: string; readonly epoch: number }
  /** Another broker has it; it is watched until that one shows itself alive, or `waitMs` are over. */
  | {
    readonly type: "lease_awaited";
    readonly key: string;
    readonly holder: string;
    readonly address: string;
    readonly renewedAt: string;
    readonly waitMs: number;
  }
  /** The store cannot be asked; said once until it can be. With `isAtStart` the broker goes on from its own disk. */
  | {
    readonly type: "lease_not_renewed";
    readonly key: string;
    readonly isAtStart: boolean;
    readonly error: unknown;
  }
  | { readonly type: "lease_renewed_again"; readonly key: string }
  | { readonly type: "lease_released"; readonly key: string }
  /** Another broker has to wait until it is over. */
  | { readonly type: "lease_not_released"; readonly key: string; readonly error: unknown }
  /**
   * A batch that consumers should get cannot be read, or is damaged, in the log or in an object. `hasOther`: it is
   * stored elsewhere too, and read from there; else whoever asks gets an error.
   */
  | {
    readonly type: "read_failed";
    readonly partition: string;
    readonly offset: number;
    readonly hasOther: boolean;
    readonly error: unknown;
    readonly suppressed: number;
  }
  /** A place of the log that cannot be read is not needed: all that it held is stored elsewhere. */
  | {
    readonly type: "log_damage_bypassed";
    readonly path: string;
    readonly positionBytes: number;
    readonly fromLsn: number;
    readonly toLsn: number;
  }
  /** The data directory is empty, and is being filled from this snapshot and the objects behind it. */
  | {
    readonly type: "restore_began";
    readonly clusterId: string;
    readonly snapshot: string;
    readonly lsn: number;
  }
  /** An older one is tried. */
  | { readonly type: "stored_snapshot_damaged"; readonly key: string }
  /**
   * What came back from the store. Records that came after the last flush are missing; of `recordsMissing` of them the
   * snapshot knew. `givenUp` is what was damaged or missing in the store, when that was accepted.
   */
  | {
    readonly type: "cluster_restored";
    readonly clusterId: string;
    readonly snapshotAt: string;
    readonly snapshotAgeMs: number;
    readonly topics: number;
    readonly partitions: number;
    readonly objects: number;
    readonly recordsBehindSnapshot: number;
    readonly recordsMissing: number;
    readonly partitionsMissingSome: number;
    readonly missing: string;
    readonly givenUp: string;
  }
  /** Objects of a partition were written anew; see `CompactJob.mode`. Records are not counted where they are only joined. */
  | {
    readonly type: "compaction_done";
    readonly topic: string;
    readonly partition: number;
    readonly mode: "join" | "clean" | "expire";
    readonly objectsBefore: number;
    readonly objectsAfter: number;
    readonly bytesBefore: number;
    readonly bytesAfter: number;
    readonly recordsBefore: number;
    readonly recordsAfter: number;
    readonly durationMs: number;
  }
  /** Its objects stay as they are; it has its turn again later. */
  | {
    readonly type: "compaction_failed";
    readonly topic: string;
    readonly partition: number;
    readonly error: unknown;
  }
  /** A connection was closed as it came. `suppressed` more of the kind have gone unreported before it. */
  | {
    readonly type: "connection_refused";
    readonly listener: string;
    readonly remote: Address;
    readonly reason: RefusalReason;
    readonly suppressed: number;
  }
  /** The server ends a connection for something that the client did or failed to do. */
  | {
    readonly type: "connection_closed";
    readonly client: ConnectedClient;
    readonly reason: ConnectionCloseReason;
    readonly detail: string;
    readonly suppressed: number;
  }
  /** A client could not show who it is; its connection is closed. `isAgain`: it had before (KIP-368). */
  | {
    readonly type: "authentication_failed";
    readonly listener: string;
    readonly remote: Address;
    /** Empty when it chose none. */
    readonly mechanism: string;
    readonly isAgain: boolean;
    readonly reason: string;
    readonly suppressed: number;
  }
  /** A request met a fault in klite; its connection is closed. */
  | {
    readonly type: "request_failed";
    readonly client: ConnectedClient;
    readonly error: unknown;
    readonly suppressed: number;
  }
  /** Somebody wanted to do what they may not. Names of operations and resource types are Kafka's. */
  | {
    readonly type: "access_denied";
    readonly principal: string;
    readonly remote: string;
    readonly operation: string;
    readonly resourceType: string;
    readonly name: string;
    readonly suppressed: number;
  }
  /** Users, tokens, rights or quotas are not what they were: each change in words, and how many more there were. */
  | {
    readonly type: "security_changed";
    readonly principal: string;
    readonly remote: string;
    readonly changes: readonly string[];
    readonly unsaid: number;
  }
  /** New connections cannot be taken for now. */
  | {
    readonly type: "accept_failed";
    readonly listener: string;
    readonly error: unknown;
    readonly retryInMs: number;
    readonly suppressed: number;
  }
  /** A TLS handshake has come to nothing. */
  | {
    readonly type: "tls_handshake_failed";
    readonly listener: string;
    readonly remote: Address;
    readonly reason: string;
    readonly suppressed: number;
  }
  /** The certificate of the TLS listeners is in use; at the start, and when its files have changed. */
  | {
    readonly type: "certificate_loaded";
    readonly subject: string;
    readonly expiresAtMs: number;
    readonly isReload: boolean;
  }
  /** Its files have changed, and cannot be used: what was there before stays in use. */
  | { readonly type: "certificate_not_loaded"; readonly error: unknown }
  /** Said once a day from two weeks before on, and when it has expired. */
  | {
    readonly type: "certificate_expires";
    readonly subject: string;
    readonly expiresAtMs: number;
    readonly daysLeft: number;
  }
  /** A file of users or of an identity provider's keys has changed, and what it says now counts. */
  | { readonly type: "file_reloaded"; readonly path: string }
  /** It has changed and cannot be used: what it said before counts. */
  | { readonly type: "file_not_reloaded"; readonly path: string; readonly error: unknown }
  /** The identity provider's keys cannot be had; `hasOlder`: those from before are used. */
  | { readonly type: "oauth_keys_unavailable"; readonly hasOlder: boolean; readonly error: unknown }
  /** Clients may send passwords, or tokens, as they are over connections that are not encrypted. */
  | { readonly type: "credentials_in_clear"; readonly listener: string; readonly mechanism: string }
  /** The time for an orderly stop was over before these connections were done. */
  | { readonly type: "connections_cut"; readonly count: number }
  /** The config in force, by flag; secrets are masked. */
  | { readonly type: "config_loaded"; readonly settings: Readonly<Record<string, string>> }
  /** Objects that nobody needs any more are gone from the object store. */
  | { readonly type: "objects_deleted"; readonly count: number }
  /** They are not: `waiting` objects, or topics, are tried again. */
  | {
    readonly type: "objects_not_deleted";
    readonly waiting: number;
    readonly error: unknown;
    readonly retryInMs: number;
  }
  /** All objects of the cluster were looked at, and those that crashes had left deleted. */
  | {
    readonly type: "orphans_swept";
    readonly checked: number;
    readonly deleted: number;
    readonly deletedBytes: number;
  }
  | { readonly type: "orphan_sweep_failed"; readonly error: unknown; readonly retryInMs: number }
  /** There are objects in the cluster's folder that klite cannot account for, and leaves alone. */
  | { readonly type: "unknown_objects"; readonly count: number; readonly examples: readonly string[] }
  /** Records of the log have become objects. */
  | {
    readonly type: "flush_done";
    readonly objects: number;
    readonly bytes: number;
    readonly durationMs: number;
  }
  /** Records of a partition could not be made an object, for what they are; the others go on. */
  | {
    readonly type: "flush_failed";
    readonly topic: string;
    readonly partition: number;
    readonly error: unknown;
    readonly retryInMs: number;
  }
  /** How much a stop has still to store. */
  | { readonly type: "flush_progress"; readonly partitions: number; readonly bytes: number }
  /** A stop could not store everything: the data directory alone has the rest. */
  | { readonly type: "flush_incomplete"; readonly partitions: number; readonly bytes: number }
  /** Records become objects before their time, because the log has little room left. */
  | { readonly type: "log_room_low"; readonly liveBytes: number; readonly maxBytes: number }
  /** Nothing can be stored for now; said once, and `store_back` when it is over. */
  | { readonly type: "store_away"; readonly error: unknown; readonly retryInMs: number }
  | { readonly type: "store_back"; readonly awayMs: number }
  /** An object with the offsets `[fromOffset, toOffset)` is not what it was. */
  | {
    readonly type: "object_damaged";
    readonly topic: string;
    readonly partition: number;
    readonly fromOffset: number;
    readonly toOffset: number;
    readonly problem: string;
  }
  /** It is again: the log still had all of it. */
  | {
    readonly type: "object_repaired";
    readonly topic: string;
    readonly partition: number;
    readonly fromOffset: number;
    readonly toOffset: number;
  }
  /** A batch in a file of the log is not what it was; with `hasOther` an object has it, and it is read from there. */
  | {
    readonly type: "log_damaged";
    readonly topic: string;
    readonly partition: number;
    readonly fromOffset: number;
    readonly toOffset: number;
    readonly hasOther: boolean;
    readonly problem: string;
  }
  /** Neither log nor objects have all of the records from `fromOffset` up to `toOffset`. Said once. */
  | {
    readonly type: "records_unreadable";
    readonly topic: string;
    readonly partition: number;
    readonly fromOffset: number;
    readonly toOffset: number;
  }
  /** A snapshot in the data directory is not what it was; the one before it is used, and a new one is made. */
  | { readonly type: "snapshot_damaged"; readonly path: string }
  /** Snapshots, the log's older files and all objects have been read from end to end. */
  | {
    readonly type: "scrub_done";
    readonly files: number;
    readonly objects: number;
    readonly damaged: number;
  }
  /** The metadata is in the object store, too, as of that LSN. */
  | { readonly type: "snapshot_stored"; readonly lsn: number; readonly bytes: number }
  | { readonly type: "health_listening"; readonly address: string }
  | {
    readonly type: "broker_started";
    /** The address, or `name://address` of each of several, separated by commas. */
    readonly listen: string;
    readonly clusterId: string;
    readonly startMs: number;
  }
  | { readonly type: "broker_stopping"; readonly reason: string }
  | { readonly type: "broker_stopped" }
  /** `advice` says what the operator can do about it; empty when nothing is known. */
  | { readonly type: "broker_failed"; readonly error: unknown; readonly advice: string };

/** Why a connection was not taken. */
export type RefusalReason =
  | "too_many_connections"
  | "too_many_from_address"
  /** More of the address than its rate allows (KIP-612). */
  | "too_many_per_second"
  /** No rule makes a user of the certificate's name. */
  | "unknown_certificate";

/** Why the server closed a connection. */
export type ConnectionCloseReason =
  /** A size prefix that no request can have. */
  | "bad_frame"
  /** A request that does not decode. */
  | "malformed"
  /** A handler decided so. */
  | "refused"
  /** A request that takes up memory stopped arriving. */
  | "stalled_request"
  /** Responses are not taken. */
  | "slow_reader"
  /** Nothing moved for long. */
  | "idle"
  /** The client did not authenticate in time, or had not when there were too many such clients. */
  | "unauthenticated";

/** Who is at the other end of a connection. */
export interface ConnectedClient {
  readonly id: number;
  readonly listener: { readonly name: string };
  readonly remote: Address;
  /** From ApiVersions (KIP-511); empty when the client has not said. */
  readonly softwareName: string;
  readonly softwareVersion: string;
}

/** Where events go. Must not throw and must not block. */
export type EventSink = (event: KliteEvent) => void;
