import type { ObjectStore } from "../../io/object_store.ts";
import { objectDamage, ObjectFooter, TRAILER_BYTES } from "../../objects/object_format.ts";
import type { StoredObject } from "../../objects/stored_object.ts";
import { batchFault } from "../../records/whole_batch.ts";
import { BatchHeader } from "../../records/outside.ts";

/** Read from the end of an object at first: the footer of most is in it. */
const TAIL_BYTES = 64 * 1024;
/** Read of batches at a time; a larger batch is read as a whole. */
const READ_BYTES = 1024 * 1024;

/**
 * The footer of an object that no metadata tells of, checked.
 * @throws KliteError DATA_DAMAGED; and the store's own.
 */
export async function readFooter(store: ObjectStore, key: string): Promise<ObjectFooter> {
  const tail = await store.get(key, { fromByte: -TAIL_BYTES, lengthBytes: TAIL_BYTES });
  const { sizeBytes } = tail;
  const wanted = Math.max(TRAILER_BYTES, ObjectFooter.lengthBytes(tail.bytes, sizeBytes, key));
  if (wanted <= tail.bytes.length) return ObjectFooter.decode(tail.bytes, sizeBytes, key);
  const whole = await store.get(key, { fromByte: -wanted, lengthBytes: wanted });
  return ObjectFooter.decode(whole.bytes, sizeBytes, key);
}

/** An object as the metadata would know it, from its footer. Its end, where its name does not say it, is its last batch's. */
export function describeObject(
  footer: ObjectFooter,
  name: { readonly baseOffset: number; readonly endOffset: number | null; readonly generation: number },
): StoredObject {
  const { rows, dataBytes } = footer;
  const lastEnd = rows === 0 ? name.baseOffset + 1 : footer.lastOffset(rows - 1) + 1;
  return {
    baseOffset: name.baseOffset,
    endOffset: name.endOffset ?? lastEnd,
    generation: name.generation,
    sizeBytes: dataBytes + footer.sizeBytes,
    dataBytes,
    batchCount: rows,
    maxTimestampMs: footer.largestTimestampMs,
    isClean: false,
    deleteHorizonMs: -1,
  };
}

/** A batch of an object, valid until the next one is asked for. */
export interface ObjectBatch {
  readonly header: BatchHeader;
  readonly bytes: Uint8Array;
  /** Where it begins in `bytes`. */
  readonly at: number;
}

/**
 * The batches of an object from the one on that holds `fromOffset`, each checked as a whole, read a little at a time.
 * @throws KliteError DATA_DAMAGED; and the store's own.
 */
export async function* objectBatches(
  store: ObjectStore,
  key: string,
  footer: ObjectFooter,
  fromOffset: number,
): AsyncGenerator<ObjectBatch> {
  const header = new BatchHeader();
  let row = footer.rowFrom(fromOffset);
  while (row < footer.rows) {
    const fromByte = footer.positionBytes(row);
    let toRow = row + 1;
    while (toRow < footer.rows && footer.endBytes(toRow) - fromByte <= READ_BYTES) toRow++;
    const lengthBytes = footer.endBytes(toRow - 1) - fromByte;
    const { bytes } = await store.get(key, { fromByte, lengthBytes });
    if (bytes.length < lengthBytes) throw objectDamage(key, `it ends before byte ${fromByte + lengthBytes}`);
    for (; row < toRow; row++) {
      const at = footer.positionBytes(row) - fromByte;
      const fault = batchFault(header, bytes, at, footer.lengthBytes(row)) ?? footer.mismatch(row, header);
      if (fault !== null) {
        throw objectDamage(
          key,
          `the batch at byte ${fromByte + at}, offset ${footer.baseOffset(row)}: ${fault}`,
        );
      }
      yield { header, bytes, at };
    }
  }
}
