import type { ObjectContent, ObjectStore } from "../../io/object_store.ts";
import { BatchHeader } from "../../records/outside.ts";
import type { PartitionPlace } from "../contract.ts";
import { FooterBuilder } from "../object_format.ts";
import type { StoredObject } from "../stored_object.ts";
import { deleteHorizonOf } from "./batch_cleaner.ts";
import { putAnew } from "./tools.ts";

const BLOCK_BYTES = 4 * 1024 * 1024;

export interface ObjectOutputOptions {
  readonly store: ObjectStore;
  readonly clusterId: string;
  readonly partition: PartitionPlace;
  /** Of the objects, unless others have that one. */
  readonly generation: number;
  /** Where the first object begins. */
  readonly baseOffset: number;
  readonly targetBytes: number;
  readonly nowMs: number;
}

/** Makes objects of batches, one after the other. Holds one object in memory, since a put may need it twice. */
export class ObjectOutput {
  /** What is stored so far. */
  readonly objects: StoredObject[] = [];
  readonly #options: ObjectOutputOptions;
  readonly #header = new BatchHeader();
  #blocks: Uint8Array[] = [];
  #footer = new FooterBuilder();
  #baseOffset: number;
  #horizonMs = Infinity;

  constructor(options: ObjectOutputOptions) {
    this.#options = options;
    this.#baseOffset = options.baseOffset;
  }

  /** Adds a whole batch, whose bytes are copied. Stores what there is, as a clean object or not, when it is large enough. */
  async add(batch: Uint8Array, isClean: boolean): Promise<void> {
    const header = this.#header.read(batch, 0);
    const { dataBytes } = this.#footer;
    if (dataBytes > 0 && dataBytes + batch.length > this.#options.targetBytes) {
      await this.cut(header.baseOffset, isClean);
    }
    this.#append(batch);
    this.#footer.add(header);
    const horizonMs = deleteHorizonOf(header);
    // What has come to its horizon by now has gone.
    if (horizonMs > this.#options.nowMs) this.#horizonMs = Math.min(this.#horizonMs, horizonMs);
  }

  /** Stores what there is, as the object that ends at `endOffset`; the next one begins there. */
  async cut(endOffset: number, isClean: boolean): Promise<void> {
    if (this.#footer.dataBytes === 0) return;
    const { partition, generation } = this.#options;
    const hasHorizon = isClean && this.#horizonMs !== Infinity;
    const object = this.#footer.describe(
      { baseOffset: this.#baseOffset, endOffset, generation },
      { isClean, deleteHorizonMs: hasHorizon ? this.#horizonMs : -1 },
    );
    const content = this.#content(object.sizeBytes);
    this.objects.push({ ...object, generation: await putAnew(this.#options, partition, object, content) });
    this.#blocks = [];
    this.#footer = new FooterBuilder();
    this.#baseOffset = endOffset;
    this.#horizonMs = Infinity;
  }

  #append(batch: Uint8Array): void {
    let at = this.#footer.dataBytes;
    for (let from = 0; from < batch.length;) {
      const index = Math.floor(at / BLOCK_BYTES);
      const block = this.#blocks[index] ??= new Uint8Array(BLOCK_BYTES);
      const count = Math.min(batch.length - from, BLOCK_BYTES - at % BLOCK_BYTES);
      block.set(batch.subarray(from, from + count), at % BLOCK_BYTES);
      from += count;
      at += count;
    }
  }

  #content(sizeBytes: number): ObjectContent {
    const blocks = this.#blocks;
    const { dataBytes } = this.#footer;
    const footer = this.#footer.build();
    return {
      sizeBytes,
      *parts() {
        for (const [index, block] of blocks.entries()) {
          yield block.subarray(0, Math.min(BLOCK_BYTES, dataBytes - index * BLOCK_BYTES));
        }
        yield footer;
      },
    };
  }
}
