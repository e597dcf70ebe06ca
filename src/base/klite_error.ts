/** What went wrong at the I/O edge or in what the operator gave us. */
export type KliteErrorCode =
  /** The disk has no room. Nothing was written; retrying later may work. */
  | "DISK_FULL"
  /** A read, write or sync failed for another reason. */
  | "DISK_FAILED"
  /** A file or directory that must exist does not. */
  | "NOT_FOUND"
  /** The operating system refuses access. */
  | "PERMISSION_DENIED"
  /** Another process holds the data directory. */
  | "LOCKED"
  /** The data directory was written by another format, cluster or node. */
  | "INCOMPATIBLE"
  /** Bytes that were acknowledged as durable do not read back. */
  | "DATA_DAMAGED"
  /** The address is taken or cannot be bound. */
  | "ADDRESS_UNAVAILABLE"
  /** The peer closed or reset the connection. */
  | "CONNECTION_CLOSED"
  /** The system cannot hand over a new connection now, for lack of file descriptors, say. */
  | "ACCEPT_FAILED"
  /** The object store does not answer, or not in time. */
  | "STORE_UNAVAILABLE"
  /** The object store refuses: rights, or a bucket that is not there. */
  | "STORE_REFUSED"
  /** An object is not, or no longer, what a conditional write expected. */
  | "CONFLICT"
  /** Another broker holds the lease of this cluster. */
  | "LEASE_HELD"
  /** A flag or variable has a value that makes no sense. */
  | "BAD_CONFIG";

/**
 * Trouble at the edge of the process, in words for an operator.
 *
 * Expected outcomes of a request are Kafka error codes, returned as values;
 * broken invariants are assertions. This is the third kind.
 */
export class KliteError extends Error {
  override readonly name = "KliteError";

  constructor(
    readonly code: KliteErrorCode,
    message: string,
    options: { readonly retriable?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retriable = options.retriable ?? false;
  }

  /** Whether the same call may succeed later without anyone's help. */
  readonly retriable: boolean;
}
