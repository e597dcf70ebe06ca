import { KliteError } from "../base/klite_error.ts";
import type { EndMark } from "../cluster/mod.ts";
import type { Engine } from "../engine/mod.ts";

/**
 * Aborts what transactions have open in partitions though nobody knows of them any more: after a loss, the id that they
 * belong to may be gone. Readers of committed records would wait before them for ever.
 * @throws KliteError DISK_FULL when that cannot be written.
 */
export async function abortLostTransactions(engine: Engine): Promise<void> {
  for (const mark of lostTransactions(engine)) {
    const refusal = await engine.transactions.writeMark(mark, false);
    if (refusal !== null) throw new KliteError("DISK_FULL", refusal.message);
  }
  await engine.metadataDurable();
}

function lostTransactions({ state, logs }: Engine): EndMark[] {
  const known = new Set<string>();
  for (const { producerId, streams } of state.transactions.open) {
    for (const stream of streams) known.add(`${producerId}/${stream}`);
  }
  const lost: EndMark[] = [];
  for (const topic of state.topics()) {
    for (const { stream } of topic.partitions) {
      const log = logs.of(stream);
      if (!log.hasTransactions) continue;
      for (const { id: producerId, epoch: producerEpoch } of log.describeProducers()) {
        if (log.transactionStart(producerId) === undefined || known.has(`${producerId}/${stream}`)) continue;
        lost.push({ stream, producerId, producerEpoch, coordinatorEpoch: 0, isCommit: false });
      }
    }
  }
  return lost;
}
