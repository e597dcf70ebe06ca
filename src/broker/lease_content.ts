import { KliteError } from "../base/klite_error.ts";
import type { ObjectStore } from "../io/object_store.ts";
import { openSealedJson, sealJson } from "./sealed_json.ts";

/** Version of the lease's form. A newer one is not touched; 1 had no sum. */
const FORMAT = 2;
const FORMAT_UNSEALED = 1;

/** What a lease says. */
export interface LeaseContent {
  /** Whose data directory: a random id that it keeps. */
  readonly holder: string;
  /** Which process: two that run on copies of one directory are told apart by it. */
  readonly run: string;
  /**
   * Which log the cluster's objects come from: that of the data directory that wrote last. `null` until the first
   * holder has one. A directory with another log is out of date, whoever holds the lease.
   */
  readonly history: string | null;
  /** LSN of the newest snapshot in the store: a directory whose log ends before it is an old copy. */
  readonly storedLsn: number;
  /** One more each time that the lease goes to another process. */
  readonly epoch: number;
  /** Where the holder serves, for people. */
  readonly address: string;
  /** Times by the holder's wall clock, for people: ISO 8601. */
  readonly takenAt: string;
  readonly renewedAt: string;
  /** One more with each renewal, so that no two have equal bytes. */
  readonly renewals: number;
  /** Who watches for so long and sees no renewal may take it. */
  readonly durationMs: number;
  /** Whether the holder has ended in order: anyone may take it. */
  readonly isReleased: boolean;
}

/** A lease as it was read. */
export interface StoredLease {
  readonly content: LeaseContent;
  readonly etag: string;
}

/**
 * The lease as it stands, `null` when there is none.
 * @throws KliteError INCOMPATIBLE when it is a newer klite's or no lease; and the store's own.
 */
export async function readLease(store: ObjectStore, key: string): Promise<StoredLease | null> {
  try {
    const { bytes, etag } = await store.get(key);
    return { content: parseLease(bytes, `${store.description}/${key}`), etag };
  } catch (error) {
    if (error instanceof KliteError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}

export function leaseBytes(content: LeaseContent): Uint8Array<ArrayBuffer> {
  return sealJson({ format: FORMAT, ...content });
}

function parseLease(bytes: Uint8Array, where: string): LeaseContent {
  const remedy = "Remove it if no broker uses this cluster.";
  const found = openSealedJson(bytes);
  if (found === null) throw new KliteError("INCOMPATIBLE", `${where} is no JSON. ${remedy}`);
  const { format, ...value } = found.value;
  if (typeof format === "number" && format > FORMAT) {
    throw new KliteError("INCOMPATIBLE", `${where} was written by a newer klite (format ${format}).`);
  }
  if (!found.isWhole && format !== FORMAT_UNSEALED) {
    throw new KliteError("INCOMPATIBLE", `${where} is damaged: its sum does not fit. ${remedy}`);
  }
  if (isLease(value)) return value;
  throw new KliteError("INCOMPATIBLE", `${where} is no lease. ${remedy}`);
}

function isLease(value: unknown): value is LeaseContent {
  if (typeof value !== "object" || value === null) return false;
  const isString = (name: string) => typeof Reflect.get(value, name) === "string";
  const isNumber = (name: string) => Number.isSafeInteger(Reflect.get(value, name));
  return ["holder", "run", "address", "takenAt", "renewedAt"].every(isString) &&
    ["storedLsn", "epoch", "renewals", "durationMs"].every(isNumber) &&
    typeof Reflect.get(value, "isReleased") === "boolean" &&
    (Reflect.get(value, "history") === null || isString("history"));
}
