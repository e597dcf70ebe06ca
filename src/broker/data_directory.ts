import { KliteError } from "../base/klite_error.ts";
import { readWholeFile, writeFileAtomically } from "../io/atomic_file.ts";
import type { Disk } from "../io/disk.ts";
import type { Random } from "../io/random.ts";
import { openSealedJson, sealJson } from "./sealed_json.ts";

/** Version of the layout below the data directory. A newer one is not touched. */
const FORMAT = 2;
/** Its identity had no sum, and did not say where the objects are. */
const FORMAT_UNSEALED = 1;
const IDENTITY = "klite.json";
/** Who this directory is to the lease of its cluster. */
const HOLDER = "klite.lease";
/** There while a loss has been accepted that clients have not been told of. */
const LOSS_MARK = "klite.loss";

/** Where the parts of a data directory are. */
export const LOG_DIRECTORY = "wal";
export const SNAPSHOT_DIRECTORY = "snapshots";
/** Objects, when there is no bucket. */
export const OBJECT_DIRECTORY = "objects";
export const LOCK_FILE = "klite.lock";

/** What a data directory says it is. */
export interface DataIdentity {
  readonly clusterId: string;
  /** Tells this directory's log from any other: 16 bytes. */
  readonly logId: Uint8Array;
  /** Where the log begins: behind the snapshot that the directory was restored from; 0 for one that began empty. */
  readonly firstLsn: number;
  /** Where its objects are (`object_home.ts`); `null` when nothing says so. */
  readonly objectHome: string | null;
}

/** Who a data directory is to the lease of its cluster. */
export interface LeaseHolder {
  /** A random id that it keeps. */
  readonly id: string;
  /** Whether it had the lease last, and did not release it. */
  readonly hadLease: boolean;
}

/**
 * Reads who the data directory belongs to, or makes it a new one's.
 * @throws KliteError INCOMPATIBLE when it is another cluster's, a newer version's
 * or not klite's at all.
 */
export async function openDataDirectory(
  disk: Disk,
  random: Random,
  clusterId: string | null,
  objectHome: string | null,
): Promise<DataIdentity> {
  const existing = readIdentity(disk, clusterId);
  if (existing !== null) return existing;
  const identity = newIdentity(random, clusterId ?? newClusterId(random), 0, objectHome);
  await saveIdentity(disk, identity);
  return identity;
}

/**
 * Who the data directory belongs to, `null` when it is empty.
 * @throws KliteError INCOMPATIBLE as {@link openDataDirectory}.
 */
export function readIdentity(disk: Disk, clusterId: string | null): DataIdentity | null {
  if (disk.exists(IDENTITY)) return existing(disk, clusterId);
  if (disk.list(LOG_DIRECTORY).length > 0) {
    throw new KliteError(
      "INCOMPATIBLE",
      `${disk.root} has a log but no ${IDENTITY}. Restore that file, or use another data directory: ` +
        "with a bucket, an empty one gets back what the bucket has.",
    );
  }
  return null;
}

/** A directory with a log of its own. */
export function newIdentity(
  random: Random,
  clusterId: string,
  firstLsn: number,
  objectHome: string | null,
): DataIdentity {
  return { clusterId, logId: random.bytes(16), firstLsn, objectHome };
}

/** Makes the directory that of `identity`: the last step of what makes it one that can be started. */
export async function saveIdentity(disk: Disk, identity: DataIdentity): Promise<void> {
  const { clusterId, logId, firstLsn, objectHome } = identity;
  const bytes = sealJson({
    format: FORMAT,
    clusterId,
    logId: logId.toHex(),
    ...(firstLsn > 0 && { firstLsn }),
    ...(objectHome !== null && { objects: objectHome }),
  });
  await writeFileAtomically(disk, ".", IDENTITY, bytes);
}

/** Who the directory is to its cluster's lease; `null` when it has never had anything to do with one. */
export function readLeaseHolder(disk: Disk): LeaseHolder | null {
  if (!disk.exists(HOLDER)) return null;
  try {
    const { holder, hadLease } = JSON.parse(new TextDecoder().decode(readWholeFile(disk, HOLDER)));
    if (typeof holder === "string" && typeof hadLease === "boolean") return { id: holder, hadLease };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  // A new id costs a wait for the lease's duration, and nothing else.
  return null;
}

export async function saveLeaseHolder(disk: Disk, { id, hadLease }: LeaseHolder): Promise<void> {
  const text = JSON.stringify({ holder: id, hadLease });
  await writeFileAtomically(disk, ".", HOLDER, new TextEncoder().encode(`${text}\n`));
}

/** Notes, durably, that acknowledged records are about to be given up. */
export async function markLoss(disk: Disk): Promise<void> {
  const text = "Records were given up. The next start raises the leader epoch and removes this file.\n";
  await writeFileAtomically(disk, ".", LOSS_MARK, new TextEncoder().encode(text));
}

export function isLossMarked(disk: Disk): boolean {
  return disk.exists(LOSS_MARK);
}

/** Clients will learn of the loss from now on. */
export function unmarkLoss(disk: Disk): void {
  disk.remove(LOSS_MARK);
}

function existing(disk: Disk, clusterId: string | null): DataIdentity {
  const identity = parse(disk, readWholeFile(disk, IDENTITY));
  if (clusterId === null || clusterId === identity.clusterId) return identity;
  throw new KliteError(
    "INCOMPATIBLE",
    `${disk.root} belongs to cluster ${identity.clusterId}, not to ${clusterId}. ` +
      "Leave --cluster-id out, or use another data directory.",
  );
}

function parse(disk: Disk, bytes: Uint8Array): DataIdentity {
  const file = `${disk.root}/${IDENTITY}`;
  const found = openSealedJson(bytes);
  if (found === null) throw new KliteError("INCOMPATIBLE", `${file} is no JSON. Restore it from a copy.`);
  const { format, clusterId, logId, firstLsn = 0, objects = null } = found.value;
  if (typeof format === "number" && format > FORMAT) {
    throw new KliteError(
      "INCOMPATIBLE",
      `${disk.root} was written by a newer klite (format ${format}; this one knows ${FORMAT}). ` +
        "Use that version, or another data directory.",
    );
  }
  if (!found.isWhole && format !== FORMAT_UNSEALED) {
    throw new KliteError("INCOMPATIBLE", `${file} is damaged: its sum does not fit. Restore it from a copy.`);
  }
  const isOurs = typeof clusterId === "string" && typeof logId === "string" && /^[0-9a-f]{32}$/.test(logId) &&
    typeof firstLsn === "number" && Number.isSafeInteger(firstLsn) &&
    (objects === null || typeof objects === "string");
  if (isOurs) return { clusterId, logId: Uint8Array.fromHex(logId), firstLsn, objectHome: objects };
  throw new KliteError("INCOMPATIBLE", `${file} is not klite's. Restore it from a copy.`);
}

/** 16 random bytes in the form of Kafka's own cluster ids. */
export function newClusterId(random: Random): string {
  const id = btoa(String.fromCharCode(...random.bytes(16))).slice(0, 22);
  return id.replaceAll("+", "A").replaceAll("/", "B");
}
