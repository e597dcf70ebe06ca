import type { CompactJob, CompactResult } from "../contract.ts";
import { objectKey } from "../object_keys.ts";
import type { StoredObject } from "../stored_object.ts";
import { RecordCursor } from "../../records/mod.ts";
import { BatchCleaner } from "./batch_cleaner.ts";
import { KeyMap } from "./key_map.ts";
import { ReadPace } from "../read_pace.ts";
import { objectBatches, type SeenBatch } from "./object_batches.ts";
import { openSound } from "./sound_records.ts";
import { ObjectOutput } from "./object_output.ts";
import { type CompactTools, nextGeneration } from "./tools.ts";
import { TransactionWatch } from "./transaction_watch.ts";

const NOTHING: CompactResult = { objects: [], replaced: 0, recordsBefore: 0, recordsAfter: 0 };

/** The keys of the records that are not clean yet, as far as there was memory for them. */
interface Gathered {
  readonly keys: KeyMap;
  /** All keys of batches that end below it are there, but those that are clean. */
  readonly endOffset: number;
  /** Of the last such batch. */
  readonly lastOffset: number;
}

/**
 * One pass of Kafka's log cleaner: the keys of what is not clean are gathered, from the first of it on, up to what is
 * too young or does not fit into memory; then all objects up to there are written anew without what these keys make
 * superfluous.
 */
export async function clean(job: CompactJob, tools: CompactTools): Promise<CompactResult> {
  const pace = new ReadPace(tools.clock, job.readRateBytes);
  const gathered = await gatherKeys(job, tools, pace);
  if (gathered.lastOffset < 0) return NOTHING;
  const last = job.objects.findIndex(({ endOffset }) => endOffset >= gathered.endOffset);
  const objects = job.objects.slice(0, last + 1);
  const cleaner = new BatchCleaner({
    ...job,
    whole: { keys: gathered.keys, transactions: new TransactionWatch(job.aborted) },
  });
  const output = outputOf(job, objects, tools);
  let isCleaning = true;
  for (const object of objects) {
    for await (const batch of objectBatches(tools.store, keyOf(object, job, tools), object, pace)) {
      const { bytes, at, header } = batch;
      if (isCleaning && header.lastOffset >= gathered.endOffset) {
        await output.cut(gathered.endOffset, true);
        isCleaning = false;
      }
      // Kafka, too, keeps the last batch, so that a reader learns from it how far he has come.
      const after = isCleaning
        ? cleaner.clean(batch, header.lastOffset === gathered.lastOffset)
        : bytes.subarray(at, at + header.lengthBytes);
      if (after !== null) await output.add(after, isCleaning);
    }
  }
  return await finish(output, objects, cleaner, isCleaning);
}

/** Writes clean objects anew without the tombstones and markers that are past their delete horizon. */
export async function expire(job: CompactJob, tools: CompactTools): Promise<CompactResult> {
  const { objects } = job;
  const pace = new ReadPace(tools.clock, job.readRateBytes);
  const cleaner = new BatchCleaner({ ...job, whole: null });
  const output = outputOf(job, objects, tools);
  for (const [index, object] of objects.entries()) {
    let rest = object.batchCount;
    for await (const batch of objectBatches(tools.store, keyOf(object, job, tools), object, pace)) {
      const isLast = --rest === 0 && index === objects.length - 1;
      const after = cleaner.clean(batch, isLast);
      if (after !== null) await output.add(after, true);
    }
  }
  return await finish(output, objects, cleaner, true);
}

async function gatherKeys(job: CompactJob, tools: CompactTools, pace: ReadPace): Promise<Gathered> {
  const { aborted, keyMemoryBytes, keySecret, uncleanableOffset } = job;
  const keys = new KeyMap({ maxBytes: keyMemoryBytes, secret: keySecret });
  const transactions = new TransactionWatch(aborted);
  const cursor = new RecordCursor();
  let endOffset = job.objects[0]?.baseOffset ?? 0;
  let lastOffset = -1;
  for (const object of job.objects) {
    if (object.isClean) {
      endOffset = object.endOffset;
      continue;
    }
    for await (const batch of objectBatches(tools.store, keyOf(object, job, tools), object, pace)) {
      const { header } = batch;
      if (header.lastOffset >= uncleanableOffset) return { keys, endOffset, lastOffset };
      const hasKeys = !header.isControl && !transactions.isAborted(header);
      // The first batch always fits: otherwise nothing would ever come of one with many keys.
      if (hasKeys && !keys.reserve(header.recordCount, lastOffset >= 0)) {
        return { keys, endOffset, lastOffset };
      }
      if (hasKeys) gatherFrom(batch, cursor, keys);
      lastOffset = header.lastOffset;
      endOffset = lastOffset + 1;
    }
    endOffset = object.endOffset;
  }
  return { keys, endOffset, lastOffset };
}

/** Notes the keys of a batch; of one that cannot be decoded, none. */
function gatherFrom({ bytes, at, header }: SeenBatch, cursor: RecordCursor, keys: KeyMap): void {
  if (openSound(cursor, bytes, at, header)) {
    while (cursor.next()) {
      const { keyAt, keyBytes } = cursor;
      if (keyBytes >= 0) keys.put(cursor.bytes, keyAt, keyAt + keyBytes, cursor.offset);
    }
  }
  cursor.close();
}

async function finish(
  output: ObjectOutput,
  objects: readonly StoredObject[],
  { recordsBefore, recordsAfter }: BatchCleaner,
  isClean: boolean,
): Promise<CompactResult> {
  const end = objects.at(-1);
  if (end !== undefined) await output.cut(end.endOffset, isClean);
  return { objects: output.objects, replaced: objects.length, recordsBefore, recordsAfter };
}

function outputOf(job: CompactJob, objects: readonly StoredObject[], tools: CompactTools): ObjectOutput {
  const { partition, targetBytes, nowMs } = job;
  const { store, clusterId } = tools;
  const baseOffset = objects[0]?.baseOffset ?? 0;
  return new ObjectOutput({
    ...{ store, clusterId, partition, targetBytes, nowMs, baseOffset },
    generation: nextGeneration(objects),
  });
}

function keyOf(object: StoredObject, { partition }: CompactJob, { clusterId }: CompactTools): string {
  return objectKey(clusterId, partition, object);
}
