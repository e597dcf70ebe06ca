import { assert } from "../../base/assert.ts";
import type { ObjectContent } from "../../io/object_store.ts";
import type { CompactJob, CompactResult } from "../contract.ts";
import { FooterBuilder, footerBytes } from "../object_format.ts";
import { objectKey } from "../object_keys.ts";
import type { StoredObject } from "../stored_object.ts";
import { ReadPace } from "../read_pace.ts";
import { objectBatches } from "./object_batches.ts";
import { type CompactTools, nextGeneration, putAnew } from "./tools.ts";

/** Copies neighbours into fewer objects. Batches are checked as they come by, and copied as they are. */
export async function join(job: CompactJob, tools: CompactTools): Promise<CompactResult> {
  const pace = new ReadPace(tools.clock, job.readRateBytes);
  const objects: StoredObject[] = [];
  for (const group of groupsOf(job)) {
    const [first, last] = [group[0]!, group.at(-1)!];
    const name = {
      baseOffset: first.baseOffset,
      endOffset: last.endOffset,
      generation: nextGeneration(group),
    };
    const content = new JoinedContent(group, job, tools, pace);
    const generation = await putAnew(tools, job.partition, name, content);
    objects.push(content.footer.describe({ ...name, generation }, cleaningOf(group)));
  }
  return { objects, replaced: job.objects.length, recordsBefore: 0, recordsAfter: 0 };
}

/** The objects in groups, of each of which one becomes. */
function groupsOf({ objects, targetBytes }: CompactJob): StoredObject[][] {
  const groups: StoredObject[][] = [];
  let bytes = Infinity;
  for (const object of objects) {
    if (bytes + object.dataBytes > targetBytes) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(object);
    bytes += object.dataBytes;
  }
  return groups;
}

function cleaningOf(group: readonly StoredObject[]): Pick<StoredObject, "isClean" | "deleteHorizonMs"> {
  const isClean = group.every((object) => object.isClean);
  const horizons = group.map(({ deleteHorizonMs }) => deleteHorizonMs).filter((horizonMs) => horizonMs >= 0);
  return { isClean, deleteHorizonMs: isClean && horizons.length > 0 ? Math.min(...horizons) : -1 };
}

/** The batches of a group and their footer, read anew each time. */
class JoinedContent implements ObjectContent {
  readonly sizeBytes: number;
  /** Of the last pass. */
  footer = new FooterBuilder();
  readonly #group: readonly StoredObject[];
  readonly #job: CompactJob;
  readonly #tools: CompactTools;
  readonly #pace: ReadPace;

  constructor(group: readonly StoredObject[], job: CompactJob, tools: CompactTools, pace: ReadPace) {
    this.#group = group;
    this.#job = job;
    this.#tools = tools;
    this.#pace = pace;
    const dataBytes = group.reduce((sum, object) => sum + object.dataBytes, 0);
    this.sizeBytes = dataBytes + footerBytes(group.reduce((sum, object) => sum + object.batchCount, 0));
  }

  async *parts(): AsyncGenerator<Uint8Array> {
    const { store, clusterId } = this.#tools;
    const footer = new FooterBuilder();
    for (const object of this.#group) {
      const key = objectKey(clusterId, this.#job.partition, object);
      let piece = { bytes: new Uint8Array(0) as Uint8Array, from: 0, end: 0 };
      for await (const { bytes, at, header } of objectBatches(store, key, object, this.#pace)) {
        if (bytes !== piece.bytes) {
          if (piece.end > piece.from) yield piece.bytes.subarray(piece.from, piece.end);
          piece = { bytes, from: at, end: at };
        }
        piece.end = at + header.lengthBytes;
        footer.add(header);
      }
      if (piece.end > piece.from) yield piece.bytes.subarray(piece.from, piece.end);
    }
    this.footer = footer;
    yield footer.build();
    assert(footer.dataBytes < this.sizeBytes, "what is joined is as long as its parts");
  }
}
