import type { ObjectStore } from "../../io/object_store.ts";
import { BatchHeader } from "../../records/outside.ts";
import { objectDamage, type ObjectFooter } from "../object_format.ts";
import { openObject } from "../open_object.ts";
import type { StoredObject } from "../stored_object.ts";
import type { ReadPace } from "../read_pace.ts";
import { batchFault } from "../../records/whole_batch.ts";

/** Objects are read in pieces of this size, larger batches at once. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** A batch that was read and found whole. The header is overwritten with the next one. */
export interface SeenBatch {
  readonly bytes: Uint8Array;
  /** Where the batch begins in `bytes`. */
  readonly at: number;
  readonly header: BatchHeader;
}

/**
 * All batches of an object, in order, each checked against its footer and as a whole. Holds the footer and one piece
 * in memory.
 * @throws KliteError DATA_DAMAGED, with the object, the position and the offset, when they are not what they must be.
 */
export async function* objectBatches(
  store: ObjectStore,
  key: string,
  object: StoredObject,
  pace: ReadPace,
): AsyncGenerator<SeenBatch> {
  const { footer, data, etag } = await openObject(store, key, object);
  await pace.read(footer.sizeBytes + (data?.length ?? 0));
  const header = new BatchHeader();
  let leaderEpoch = object.seal?.fromLeaderEpoch ?? -1;
  let bytes: Uint8Array = data ?? new Uint8Array(0);
  let startBytes = 0;
  for (let row = 0; row < footer.rows; row++) {
    const position = footer.positionBytes(row);
    if (footer.endBytes(row) > startBytes + bytes.length) {
      const lengthBytes = pieceEnd(footer, row) - position;
      const read = await store.get(key, { fromByte: position, lengthBytes });
      if (read.etag !== etag || read.bytes.length !== lengthBytes) {
        throw objectDamage(key, `at ${position} it has ${read.bytes.length} bytes, of ${read.etag}`);
      }
      await pace.read(lengthBytes);
      bytes = read.bytes;
      startBytes = position;
    }
    const at = position - startBytes;
    const fault = batchFault(header, bytes, at, footer.lengthBytes(row)) ?? footer.mismatch(row, header) ??
      epochFault(header, leaderEpoch, object);
    if (fault !== null) {
      throw objectDamage(key, `the batch at ${position}, offset ${footer.baseOffset(row)}: ${fault}`);
    }
    leaderEpoch = header.leaderEpoch;
    yield { bytes, at, header };
  }
}

/** Where a piece ends that begins with the batch of `row`: with as many batches as fit, or with this one. */
function pieceEnd(footer: ObjectFooter, row: number): number {
  const limit = footer.positionBytes(row) + PIECE_BYTES;
  let last = row;
  while (last + 1 < footer.rows && footer.endBytes(last + 1) <= limit) last++;
  return footer.endBytes(last);
}

/** No checksum covers the epoch, but it never goes down, and the metadata knows the first and the last one. */
function epochFault({ leaderEpoch }: BatchHeader, before: number, { seal }: StoredObject): string | null {
  const isPossible = seal === undefined || (leaderEpoch >= before && leaderEpoch <= seal.toLeaderEpoch);
  return isPossible ? null : `its leader epoch ${leaderEpoch} cannot be`;
}
