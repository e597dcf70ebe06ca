import { unreachable } from "../base/assert.ts";
import { KliteError } from "../base/klite_error.ts";
import { formatAddress } from "./address.ts";
import type { ConnectedClient, KliteEvent } from "./events.ts";
import { isoTime } from "./iso_time.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = typeof LOG_LEVELS[number];

/** One event as a log line: a fixed message, so that lines can be counted, and what varies as fields. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** How each event reads in the log. An event that is missing here does not compile. */
export function logLine(event: KliteEvent, options: { readonly stacks: boolean }): LogLine {
  switch (event.type) {
    case "connection_refused":
      return {
        level: "warn",
        message: "connection refused",
        fields: {
          listener: event.listener,
          remote: formatAddress(event.remote),
          reason: event.reason,
          ...suppressedField(event),
        },
      };
    case "tls_handshake_failed":
      return {
        level: "warn",
        message: "TLS handshake failed",
        fields: {
          listener: event.listener,
          remote: formatAddress(event.remote),
          reason: event.reason,
          ...suppressedField(event),
        },
      };
    case "certificate_loaded":
      return {
        level: "info",
        message: event.isReload ? "certificate reloaded" : "certificate loaded",
        fields: { subject: event.subject, expires: isoTime(event.expiresAtMs) },
      };
    case "certificate_not_loaded":
      return {
        level: "error",
        message: "the changed certificate, key or authorities cannot be used; the previous ones stay in use",
        fields: errorFields(event.error, options.stacks),
      };
    case "certificate_expires":
      return {
        level: event.daysLeft <= 0 ? "error" : "warn",
        message: event.daysLeft <= 0 ? "the certificate has expired" : "the certificate expires soon",
        fields: { subject: event.subject, expires: isoTime(event.expiresAtMs), daysLeft: event.daysLeft },
      };
    case "connection_closed":
      return {
        level: event.reason === "idle" ? "debug" : "warn",
        message: "connection closed",
        fields: {
          ...clientFields(event.client),
          reason: event.reason,
          detail: event.detail,
          ...suppressedField(event),
        },
      };
    case "authentication_failed":
      return {
        level: "warn",
        message: event.isAgain ? "authentication failed, of a client that had one" : "authentication failed",
        fields: {
          listener: event.listener,
          remote: formatAddress(event.remote),
          ...(event.mechanism === "" ? {} : { mechanism: event.mechanism }),
          reason: event.reason,
          ...suppressedField(event),
        },
      };
    case "request_failed":
      return {
        level: "error",
        message: "a request failed, its connection is closed",
        fields: {
          ...clientFields(event.client),
          ...errorFields(event.error, options.stacks),
          ...suppressedField(event),
        },
      };
    case "access_denied":
      return {
        level: "warn",
        message: "access denied",
        fields: {
          principal: event.principal,
          remote: event.remote,
          operation: event.operation,
          resourceType: event.resourceType,
          name: event.name,
          ...suppressedField(event),
        },
      };
    case "security_changed":
      return {
        level: "info",
        message: "security changed",
        fields: {
          principal: event.principal,
          remote: event.remote,
          changes: event.changes,
          ...(event.unsaid > 0 && { unsaid: event.unsaid }),
        },
      };
    case "accept_failed":
      return {
        level: "error",
        message: "cannot accept connections",
        fields: {
          listener: event.listener,
          retryInMs: event.retryInMs,
          ...errorFields(event.error, options.stacks),
          ...suppressedField(event),
        },
      };
    case "file_reloaded":
      return { level: "info", message: "a file has changed and is in force", fields: { path: event.path } };
    case "file_not_reloaded":
      return {
        level: "error",
        message: "a file has changed and cannot be used: what it said before stays in force",
        fields: { path: event.path, ...errorFields(event.error, options.stacks) },
      };
    case "oauth_keys_unavailable":
      return {
        level: "error",
        message: event.hasOlder
          ? "the keys that tokens are verified with cannot be had anew: those from before are used"
          : "the keys that tokens are verified with cannot be had: no token is believed",
        fields: errorFields(event.error, options.stacks),
      };
    case "credentials_in_clear":
      return {
        level: "warn",
        message:
          "without TLS anybody on the way can read what clients show by this mechanism: use TLS, or SCRAM",
        fields: { listener: event.listener, mechanism: event.mechanism },
      };
    case "connections_cut":
      return { level: "warn", message: "connections cut at the stop", fields: { count: event.count } };
    case "config_loaded":
      return { level: "debug", message: "config", fields: event.settings };
    case "log_recovered":
      return {
        level: "info",
        message: "the log is read back",
        fields: {
          snapshotLsn: event.snapshotLsn,
          endLsn: event.endLsn,
          replayedBatches: event.replayedBatches,
        },
      };
    case "data_lost":
      return {
        level: "warn",
        message: "acknowledged data was given up, as --accept-data-loss allows",
        fields: { fromLsn: event.fromLsn, toLsn: event.toLsn },
      };
    case "read_failed":
      return {
        level: "error",
        message: event.hasOther
          ? "records cannot be read where they were first looked for; they are read from elsewhere"
          : "records cannot be read",
        fields: {
          partition: event.partition,
          offset: event.offset,
          ...errorFields(event.error, options.stacks),
          ...suppressedField(event),
        },
      };
    case "log_damage_bypassed":
      return {
        level: "error",
        message: "a place of the log is damaged; all that it held is in the object store",
        fields: {
          path: event.path,
          positionBytes: event.positionBytes,
          fromLsn: event.fromLsn,
          toLsn: event.toLsn,
        },
      };
    case "snapshot_saved":
      return { level: "debug", message: "snapshot saved", fields: { lsn: event.lsn } };
    case "snapshot_failed":
      return {
        level: "warn",
        message: "no snapshot could be saved; the log is kept in its place",
        fields: errorFields(event.error, options.stacks),
      };
    case "restore_began":
      return {
        level: "info",
        message: "the empty data directory is filled from the object store",
        fields: { clusterId: event.clusterId, snapshot: event.snapshot, lsn: event.lsn },
      };
    case "stored_snapshot_damaged":
      return {
        level: "warn",
        message: "a stored snapshot is damaged; an older one is tried",
        fields: { key: event.key },
      };
    case "cluster_restored": {
      const { type: _, givenUp, missing, ...fields } = event;
      return {
        level: "warn",
        message: "the cluster is restored; what came after its last flush is missing",
        fields: {
          ...fields,
          ...(missing === "" ? {} : { missing }),
          ...(givenUp === "" ? {} : { givenUp }),
        },
      };
    }
    case "lease_taken":
      return { level: "info", message: "the lease is taken", fields: { key: event.key, epoch: event.epoch } };
    case "lease_awaited":
      return {
        level: "warn",
        message: "another broker has the lease; it is watched for a sign of life",
        fields: {
          key: event.key,
          holder: event.holder,
          address: event.address,
          renewedAt: event.renewedAt,
          waitMs: event.waitMs,
        },
      };
    case "lease_not_renewed":
      return {
        level: "warn",
        message: event.isAtStart
          ? "started without the lease, which was this broker's last: the object store cannot be asked"
          : "the lease cannot be renewed; the broker goes on, and objects stay as they are",
        fields: { key: event.key, ...errorFields(event.error, options.stacks) },
      };
    case "lease_renewed_again":
      return { level: "info", message: "the lease is renewed again", fields: { key: event.key } };
    case "lease_released":
      return { level: "info", message: "the lease is released", fields: { key: event.key } };
    case "lease_not_released":
      return {
        level: "warn",
        message: "the lease is not released; another broker has to wait until it is over",
        fields: { key: event.key, ...errorFields(event.error, options.stacks) },
      };
    case "objects_deleted":
      return { level: "debug", message: "objects deleted", fields: { count: event.count } };
    case "objects_not_deleted":
      return {
        level: "warn",
        message: "objects that nobody needs cannot be deleted from the store; it is tried again",
        fields: {
          waiting: event.waiting,
          retryInMs: event.retryInMs,
          ...errorFields(event.error, options.stacks),
        },
      };
    case "orphans_swept":
      return {
        level: event.deleted > 0 ? "info" : "debug",
        message: "the object store is swept",
        fields: { checked: event.checked, deleted: event.deleted, deletedBytes: event.deletedBytes },
      };
    case "orphan_sweep_failed":
      return {
        level: "warn",
        message: "the object store cannot be swept; it is tried again",
        fields: { retryInMs: event.retryInMs, ...errorFields(event.error, options.stacks) },
      };
    case "unknown_objects":
      return {
        level: "warn",
        message:
          "there are objects in the cluster's folder that are not klite's, or of topics it does not have",
        fields: { count: event.count, examples: event.examples.join(", ") },
      };
    case "compaction_done": {
      const { type: _, durationMs, ...figures } = event;
      return {
        level: "debug",
        message: "objects are written anew",
        fields: { ...figures, durationMs: Math.round(durationMs) },
      };
    }
    case "compaction_failed":
      return {
        level: "warn",
        message: "objects cannot be written anew; they stay as they are",
        fields: {
          topic: event.topic,
          partition: event.partition,
          ...errorFields(event.error, options.stacks),
        },
      };
    case "flush_done":
      return {
        level: "debug",
        message: "records are stored in objects",
        fields: { objects: event.objects, bytes: event.bytes, durationMs: Math.round(event.durationMs) },
      };
    case "flush_failed":
      return {
        level: "error",
        message: "records of a partition cannot be stored in objects",
        fields: {
          topic: event.topic,
          partition: event.partition,
          retryInMs: event.retryInMs,
          ...errorFields(event.error, options.stacks),
        },
      };
    case "flush_progress":
      return {
        level: "info",
        message: "the last records are being stored",
        fields: { partitions: event.partitions, bytes: event.bytes },
      };
    case "flush_incomplete":
      return {
        level: "warn",
        message: "not everything could be stored before the stop; the data directory has it",
        fields: { partitions: event.partitions, bytes: event.bytes },
      };
    case "log_room_low":
      return {
        level: "info",
        message: "the log has little room left, the oldest records are stored in objects",
        fields: { liveBytes: event.liveBytes, maxBytes: event.maxBytes },
      };
    case "store_away":
      return {
        level: "warn",
        message: "nothing can be stored in objects; records stay in the log until it is full",
        fields: { retryInMs: event.retryInMs, ...errorFields(event.error, options.stacks) },
      };
    case "store_back":
      return {
        level: "info",
        message: "objects can be stored again",
        fields: { awayMs: Math.round(event.awayMs) },
      };
    case "object_damaged":
      return {
        level: "error",
        message: "an object is damaged",
        fields: { ...offsetFields(event), problem: event.problem },
      };
    case "object_repaired":
      return {
        level: "info",
        message: "the object has been made anew from the log",
        fields: offsetFields(event),
      };
    case "log_damaged":
      return {
        level: "error",
        message: event.hasOther
          ? "records of the log are damaged; they are read from an object from now on"
          : "records of the log are damaged",
        fields: { ...offsetFields(event), problem: event.problem },
      };
    case "records_unreadable":
      return {
        level: "error",
        message:
          "neither the log nor the objects have all of these records; restore the object from a copy, " +
          "or delete the records",
        fields: offsetFields(event),
      };
    case "snapshot_damaged":
      return {
        level: "error",
        message: "a snapshot in the data directory is damaged; another one takes its place",
        fields: { path: event.path },
      };
    case "scrub_done":
      return {
        level: "info",
        message: "all that is kept has been verified",
        fields: { files: event.files, objects: event.objects, damaged: event.damaged },
      };
    case "snapshot_stored":
      return {
        level: "debug",
        message: "snapshot stored beside the objects",
        fields: { lsn: event.lsn, bytes: event.bytes },
      };
    case "health_listening":
      return { level: "info", message: "health is answered", fields: { address: event.address } };
    case "broker_started":
      return {
        level: "info",
        message: "klite is ready",
        fields: { listen: event.listen, clusterId: event.clusterId, startMs: Math.round(event.startMs) },
      };
    case "broker_stopping":
      return { level: "info", message: "klite stops", fields: { reason: event.reason } };
    case "broker_stopped":
      return { level: "info", message: "klite has stopped", fields: {} };
    case "broker_failed":
      return {
        level: "error",
        message: "klite failed",
        fields: {
          ...errorFields(event.error, options.stacks),
          ...(event.advice === "" ? {} : { advice: event.advice }),
        },
      };
    default:
      return unreachable(event);
  }
}

/**
 * What went wrong, with its causes. A {@link KliteError} speaks to the operator
 * and needs no stack; anything else is a fault in klite, whose report does.
 */
export function errorFields(error: unknown, stacks: boolean): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: String(error) };
  const fields: Record<string, unknown> = { error: error.message };
  if (error instanceof KliteError) fields.code = error.code;
  const causes: string[] = [];
  let cause = error.cause;
  // A chain is a handful long; the bound is against one that bites its tail.
  while (cause !== undefined && causes.length < 8) {
    causes.push(cause instanceof Error ? cause.message : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  if (causes.length > 0) fields.cause = causes.join(": ");
  if (stacks || !(error instanceof KliteError)) fields.stack = error.stack;
  return fields;
}

function clientFields(client: ConnectedClient): Record<string, unknown> {
  const software = `${client.softwareName} ${client.softwareVersion}`.trim();
  return {
    connection: client.id,
    remote: formatAddress(client.remote),
    ...(software === "" ? {} : { software }),
  };
}

/** Which records are meant, from the first to the last. */
function offsetFields(
  { topic, partition, fromOffset, toOffset }: {
    readonly topic: string;
    readonly partition: number;
    readonly fromOffset: number;
    readonly toOffset: number;
  },
): Record<string, unknown> {
  return { topic, partition, fromOffset, lastOffset: toOffset - 1 };
}

/** Rate-limited events say how many of them were left out before. */
function suppressedField(event: { readonly suppressed: number }): Record<string, unknown> {
  return event.suppressed === 0 ? {} : { suppressed: event.suppressed };
}
