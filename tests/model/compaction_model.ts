import type { Compression } from "../../src/records/mod.ts";

export interface PlainRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  /** Of its one header. */
  readonly header: string;
  readonly timestampMs: number;
}

/** A batch as anyone can read it from an object. */
export interface PlainBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly leaderEpoch: number;
  /** None when there are no records. */
  readonly codec: Compression;
  readonly isAppendTime: boolean;
  readonly maxTimestampMs: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
  readonly control: "commit" | "abort" | null;
  readonly horizonMs: number | null;
  /** `null` of one that cannot be decoded. */
  readonly records: readonly PlainRecord[] | null;
}

/** One pass over batches, as the rules are told to people. */
export interface PlainPass {
  /** Batches that begin at or behind it are not clean yet. */
  readonly dirtyFrom: number;
  /** Batches that end at or behind it are not looked at. */
  readonly endOffset: number;
  readonly nowMs: number;
  readonly deleteRetentionMs: number;
  isAborted(batch: PlainBatch): boolean;
  /** Newest batches of producers. */
  isRemembered(batch: PlainBatch): boolean;
}

/** What a pass of cleaning leaves of the batches. */
export function cleaned(batches: readonly PlainBatch[], pass: PlainPass): PlainBatch[] {
  const inPass = batches.filter(({ lastOffset }) => lastOffset < pass.endOffset);
  const lastOfKey = new Map<string, number>();
  for (const batch of inPass) {
    if (batch.baseOffset < pass.dirtyFrom || batch.control !== null || pass.isAborted(batch)) continue;
    for (const { key, offset } of batch.records ?? []) if (key !== null) lastOfKey.set(key, offset);
  }
  const kept: PlainBatch[] = [];
  for (const [index, batch] of inPass.entries()) {
    const isPast = batch.horizonMs !== null && batch.horizonMs <= pass.nowMs;
    let records = batch.records;
    let wantsHorizon = false;
    if (batch.control !== null) {
      const isOfNothing = endsNothing(inPass, index);
      if (isOfNothing && isPast) records = [];
      wantsHorizon = isOfNothing;
    } else if (pass.isAborted(batch)) records = [];
    else {
      records = records?.filter(({ key, value, offset }) =>
        key !== null && offset >= (lastOfKey.get(key) ?? -1) && !(value === null && isPast)
      ) ?? null;
      wantsHorizon = records?.some(({ value }) =>
        value === null
      ) ?? false;
    }
    const horizonMs = wantsHorizon && batch.horizonMs === null
      ? pass.nowMs + pass.deleteRetentionMs
      : batch.horizonMs;
    keep(kept, batch, records, horizonMs, pass.isRemembered(batch) || index === inPass.length - 1);
  }
  return [...kept, ...batches.slice(inPass.length)];
}

/** What is left once all that is past its delete horizon is gone. */
export function expired(batches: readonly PlainBatch[], pass: Omit<PlainPass, "dirtyFrom" | "isAborted">) {
  const kept: PlainBatch[] = [];
  for (const [index, batch] of batches.entries()) {
    const isPast = batch.horizonMs !== null && batch.horizonMs <= pass.nowMs;
    const records = !isPast
      ? batch.records
      : batch.control !== null
      ? []
      : batch.records?.filter(({ key, value }) => key === null || value !== null) ?? null;
    keep(
      kept,
      batch,
      records,
      batch.horizonMs,
      pass.isRemembered(batch) || index === batches.length - 1,
    );
  }
  return kept;
}

function keep(
  kept: PlainBatch[],
  batch: PlainBatch,
  records: readonly PlainRecord[] | null,
  horizonMs: number | null,
  staysEmpty: boolean,
): void {
  if (records === null || records.length > 0) {
    const changes = records !== null &&
      (records.length < batch.records!.length || horizonMs !== batch.horizonMs);
    const times = records?.map(({ timestampMs }) => timestampMs) ?? [];
    const maxTimestampMs = changes && !batch.isAppendTime ? Math.max(...times) : batch.maxTimestampMs;
    kept.push({ ...batch, records, horizonMs, maxTimestampMs });
  } else if (staysEmpty) kept.push({ ...batch, records, horizonMs: null, codec: 0 });
}

/** Whether the marker ends a transaction without a batch before it. */
function endsNothing(batches: readonly PlainBatch[], markerAt: number): boolean {
  const { producerId } = batches[markerAt]!;
  for (let at = markerAt - 1; at >= 0; at--) {
    const batch = batches[at]!;
    if (batch.producerId !== producerId || !batch.isTransactional) continue;
    return batch.control !== null;
  }
  return true;
}
