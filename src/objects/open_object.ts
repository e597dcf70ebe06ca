import type { ObjectStore } from "../io/object_store.ts";
import { objectDamage, ObjectFooter } from "./object_format.ts";
import type { StoredObject } from "./stored_object.ts";

/** Objects up to here are read as a whole with their footer: the batches are wanted next, and another read costs more. */
const WHOLE_BYTES_MAX = 128 * 1024;

/** An object whose footer has been read. */
export interface OpenObject {
  readonly key: string;
  /** Reads of its batches must come from the object with this etag. */
  readonly etag: string;
  readonly footer: ObjectFooter;
  /** All of its batches, where they came along. */
  readonly data: Uint8Array<ArrayBuffer> | null;
}

/**
 * Reads the footer of an object that the metadata knows, in one go, and compares the two.
 * @throws KliteError DATA_DAMAGED when it is not the object that the metadata means, or has no whole footer.
 */
export async function openObject(store: ObjectStore, key: string, object: StoredObject): Promise<OpenObject> {
  const isSmall = object.sizeBytes <= WHOLE_BYTES_MAX;
  const tailBytes = isSmall ? object.sizeBytes : object.sizeBytes - object.dataBytes;
  const tail = await store.get(key, { fromByte: -tailBytes, lengthBytes: tailBytes });
  const { sizeBytes, etag } = tail;
  if (sizeBytes !== object.sizeBytes) {
    throw objectDamage(key, `it has ${sizeBytes} bytes and not ${object.sizeBytes}`);
  }
  if (ObjectFooter.lengthBytes(tail.bytes, sizeBytes, key) > tail.bytes.length) {
    throw objectDamage(key, "its footer does not begin where it must");
  }
  const footer = ObjectFooter.decode(tail.bytes, sizeBytes, key);
  const fault = difference(footer, object);
  if (fault !== null) throw objectDamage(key, fault);
  return { key, etag, footer, data: isSmall ? tail.bytes.subarray(0, footer.dataBytes) : null };
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
