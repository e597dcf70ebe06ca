import { AssertionError } from "../base/assert.ts";
import { KliteError, type KliteErrorCode } from "../base/klite_error.ts";

/** What the operator can do about an error that ended the broker. */
export function adviceFor(error: unknown): string {
  if (error instanceof KliteError) return ADVICE[error.code];
  if (error instanceof AssertionError) {
    return "This is a fault in klite. Nothing acknowledged is lost; start it again, and report the stack.";
  }
  return "This is a fault in klite; report the stack.";
}

const ADVICE: Readonly<Record<KliteErrorCode, string>> = {
  DISK_FULL: "Make room on the disk that holds --data-dir, then start again.",
  DISK_FAILED: "Check the disk that holds --data-dir and the system's log, then start again.",
  NOT_FOUND: "Check --data-dir.",
  PERMISSION_DENIED: "Run klite as a user who may read and write --data-dir.",
  LOCKED: "Stop the other klite, or give this one its own --data-dir.",
  INCOMPATIBLE: "Use the --data-dir, --cluster-id and version of klite that belong together.",
  DATA_DAMAGED:
    "Restore --data-dir from a copy; or, with a bucket, start on an empty --data-dir with --cluster-id: it gets back what " +
    "the bucket has. Without either, --accept-data-loss gives up what cannot be read, for good.",
  ADDRESS_UNAVAILABLE: "Stop what listens there, or choose another address with --listen or --health-addr.",
  ACCEPT_FAILED: "Check the limit of open files (ulimit -n) and the system's log, then start again.",
  CONNECTION_CLOSED: "Check the network and start again.",
  STORE_UNAVAILABLE: "See to it that the object store can be reached, and start klite again.",
  STORE_REFUSED: "Look at the bucket's name, the region and the rights of the credentials.",
  CONFLICT: "Look for another program that writes below the same prefix of the bucket.",
  LEASE_HELD: "Stop the other broker first, or give this one another --cluster-id or --s3-prefix.",
  BAD_CONFIG: "Correct the flag or variable; klite start --help lists them.",
};
