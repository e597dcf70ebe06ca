import { KliteError } from "../base/klite_error.ts";
import { readWholeFile, writeFileAtomically } from "../io/atomic_file.ts";
import type { Disk } from "../io/disk.ts";
import type { Random } from "../io/random.ts";

/** Version of the layout below the data directory. A newer one is not touched. */
const FORMAT = 1;
const IDENTITY = "klite.json";
/** There while a loss has been accepted that clients have not been told of. */
const LOSS_MARK = "klite.loss";

/** Where the parts of a data directory are. */
export const LOG_DIRECTORY = "wal";
export const SNAPSHOT_DIRECTORY = "snapshots";
export const LOCK_FILE = "klite.lock";

/** What a data directory says it is. */
export interface DataIdentity {
  readonly clusterId: string;
  /** Tells this directory's log from any other: 16 bytes. */
  readonly logId: Uint8Array;
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
): Promise<DataIdentity> {
  if (disk.exists(IDENTITY)) return existing(disk, clusterId);
  if (disk.list(LOG_DIRECTORY).length > 0) {
    throw new KliteError(
      "INCOMPATIBLE",
      `${disk.root} has a log but no ${IDENTITY}. Restore that file, or use another data directory.`,
    );
  }
  const identity = { clusterId: clusterId ?? newClusterId(random), logId: random.bytes(16) };
  const text = JSON.stringify({ format: FORMAT, clusterId: identity.clusterId, logId: hex(identity.logId) });
  await writeFileAtomically(disk, ".", IDENTITY, new TextEncoder().encode(`${text}\n`));
  return identity;
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
  const saved = parse(disk, new TextDecoder().decode(readWholeFile(disk, IDENTITY)));
  if (saved.format > FORMAT) {
    throw new KliteError(
      "INCOMPATIBLE",
      `${disk.root} was written by a newer klite (format ${saved.format}; this one knows ${FORMAT}). ` +
        "Use that version, or another data directory.",
    );
  }
  if (clusterId !== null && clusterId !== saved.clusterId) {
    throw new KliteError(
      "INCOMPATIBLE",
      `${disk.root} belongs to cluster ${saved.clusterId}, not to ${clusterId}. ` +
        "Leave --cluster-id out, or use another data directory.",
    );
  }
  return { clusterId: saved.clusterId, logId: saved.logId };
}

function parse(disk: Disk, text: string): DataIdentity & { readonly format: number } {
  try {
    const { format, clusterId, logId } = JSON.parse(text);
    if (typeof format === "number" && typeof clusterId === "string" && /^[0-9a-f]{32}$/.test(logId)) {
      return {
        format,
        clusterId,
        logId: Uint8Array.from(logId.match(/../g), (pair: string) => parseInt(pair, 16)),
      };
    }
  } catch (cause) {
    throw new KliteError("INCOMPATIBLE", `${disk.root}/${IDENTITY} is no JSON. Restore it from a copy.`, {
      cause,
    });
  }
  throw new KliteError("INCOMPATIBLE", `${disk.root}/${IDENTITY} is not klite's. Restore it from a copy.`);
}

/** 16 random bytes in the form of Kafka's own cluster ids. */
function newClusterId(random: Random): string {
  const id = btoa(String.fromCharCode(...random.bytes(16))).slice(0, 22);
  return id.replaceAll("+", "A").replaceAll("/", "B");
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
