import type { ObjectStore } from "../io/object_store.ts";
import { objectDamage, ObjectFooter } from "./object_format.ts";
import type { StoredObject } from "./stored_object.ts";

/** Read from the end where the size of the footer is not known: 2,000 batches. */
const TAIL_BYTES = 64 * 1024;
/** Objects up to here are read as a whole with their footer: the batches are wanted next, and another read costs more. */
const WHOLE_BYTES_MAX = 128 * 1024;

/** An object whose footer has been read. */
export interface OpenObject {
  readonly key: string;
  /** Reads of its batches must come from the object with this etag. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly footer: ObjectFooter;
  /** All of its batches, where they came along. */
  readonly data: Uint8Array<ArrayBuffer> | null;
}

/**
 * Reads the footer of an object of which nothing but the key is known, for those that look at what a store holds.
 * @throws KliteError DATA_DAMAGED when it has none.
 */
export async function openUnknownObject(store: ObjectStore, key: string): Promise<OpenObject> {
  const opened = await openTail(store, key, TAIL_BYTES);
  return { ...opened, data: null };
}

/**
 * Reads the footer of an object that the metadata knows, in one go, and compares the two.
 * @throws KliteError DATA_DAMAGED when it is not the object that the metadata means, or has no whole footer.
 */
export async function openStoredObject(
  store: ObjectStore,
  key: string,
  object: StoredObject,
): Promise<OpenObject> {
  const isSmall = object.sizeBytes <= WHOLE_BYTES_MAX;
  const opened = await openTail(
    store,
    key,
    isSmall ? object.sizeBytes : object.sizeBytes - object.dataBytes,
    object.sizeBytes,
  );
  const fault = difference(opened.footer, object);
  if (fault !== null) throw objectDamage(key, fault);
  return opened;
}

/** Reads the footer with the last `tailBytes`, or more if it takes more. */
async function openTail(
  store: ObjectStore,
  key: string,
  tailBytes: number,
  expectedBytes?: number,
): Promise<OpenObject> {
  let tail = await store.get(key, { fromByte: -tailBytes, lengthBytes: tailBytes });
  const { sizeBytes, etag } = tail;
  if (sizeBytes !== (expectedBytes ?? sizeBytes)) {
    throw objectDamage(key, `it has ${sizeBytes} bytes and not ${expectedBytes}`);
  }
  const length = ObjectFooter.lengthBytes(tail.bytes, sizeBytes, key);
  if (length > tail.bytes.length) tail = await store.get(key, { fromByte: -length, lengthBytes: length });
  if (tail.etag !== etag || tail.sizeBytes !== sizeBytes || tail.bytes.length < length) {
    throw objectDamage(key, "it changed while it was read");
  }
  const footer = ObjectFooter.decode(tail.bytes, sizeBytes, key);
  const isWhole = tail.bytes.length === sizeBytes;
  return { key, etag, sizeBytes, footer, data: isWhole ? tail.bytes.subarray(0, footer.dataBytes) : null };
}

/** What the footer and the metadata do not agree on; `null` when they do. */
function difference(footer: ObjectFooter, object: StoredObject): string | null {
  if (object.seal !== undefined && footer.crc !== object.seal.footerCrc) {
    return "its footer's checksum does not fit";
  }
  if (footer.dataBytes !== object.dataBytes) return "its footer does not begin where it must";
  if (footer.rows !== object.batchCount) return `it has ${footer.rows} batches and not ${object.batchCount}`;
  if (footer.largestTimestampMs !== object.maxTimestampMs) {
    return "its largest timestamp is not what it must be";
  }
  const isInside = footer.rows === 0 ||
    (footer.baseOffset(0) >= object.baseOffset && footer.lastOffset(footer.rows - 1) < object.endOffset);
  return isInside ? null : "its offsets are not those of its name";
}
