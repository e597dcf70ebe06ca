import { assert } from "../base/assert.ts";
import { KliteError } from "../base/klite_error.ts";
import { BatchHeader } from "../records/outside.ts";
import type { Disk, DiskFile } from "../io/disk.ts";
import { PLACE_NUMBERS, type StoreJob } from "./contract.ts";
import { FooterBuilder } from "./object_format.ts";
import { batchFault } from "../records/whole_batch.ts";

/** Bytes between two batches that are read along rather than starting another read. */
const GAP_BYTES_MAX = 128 * 1024;

/** Batches `[fromRow, toRow)` of a job lie in `[fromByte, endByte)` of one file and are read in one go. */
interface Run {
  readonly file: number;
  readonly fromByte: number;
  readonly endByte: number;
  readonly toRow: number;
}

/** Sum of the batches of a job. */
export function dataBytesOf({ places }: StoreJob): number {
  let sum = 0;
  for (let at = 2; at < places.length; at += PLACE_NUMBERS) sum += places[at]!;
  return sum;
}

/**
 * One pass over a job's batches: reads them from the log's files in runs, checks each as a whole, and gives them one
 * behind the other. Everything lies in one buffer, in which bytes are summed where they were read.
 */
export class LogBatches {
  readonly #job: StoreJob;
  readonly #disk: Disk;
  readonly #footer: FooterBuilder;
  readonly #header = new BatchHeader();
  #openFile: { readonly index: number; readonly file: DiskFile } | null = null;
  #nextOffset: number;
  #leaderEpoch: number;

  constructor(job: StoreJob, disk: Disk, footer: FooterBuilder) {
    this.#job = job;
    this.#disk = disk;
    this.#footer = footer;
    this.#nextOffset = job.baseOffset;
    this.#leaderEpoch = job.leaderEpochs?.[0] ?? -1;
  }

  /**
   * The batches, in pieces as large as fit into `buffer`; a batch that does not fit comes in memory of its own.
   * A piece is valid until the next one is asked for.
   * @throws KliteError DATA_DAMAGED with file and position.
   */
  async *pieces(buffer: Uint8Array): AsyncGenerator<Uint8Array> {
    const rows = this.#job.places.length / PLACE_NUMBERS;
    try {
      for (let row = 0, filled = 0; row < rows;) {
        const run = this.#runFrom(row, buffer.length - filled);
        const wanted = run.endByte - run.fromByte;
        if (filled > 0 && wanted > buffer.length - filled) {
          yield buffer.subarray(0, filled);
          filled = 0;
          continue;
        }
        const into = wanted > buffer.length ? new Uint8Array(wanted) : buffer;
        await this.#read(run, into.subarray(filled, filled + wanted));
        filled = this.#gather(row, run, into, filled);
        row = run.toRow;
        if (row === rows || into !== buffer) {
          yield into.subarray(0, filled);
          filled = 0;
        }
      }
    } finally {
      this.#openFile?.file.close();
      this.#openFile = null;
    }
  }

  /** As many batches from `row` on as lie near each other and take `maxBytes`, at least one. */
  #runFrom(row: number, maxBytes: number): Run {
    const { places } = this.#job;
    let at = row * PLACE_NUMBERS;
    const file = places[at]!;
    const fromByte = places[at + 1]!;
    let endByte = fromByte + places[at + 2]!;
    for (at += PLACE_NUMBERS; at < places.length && places[at] === file; at += PLACE_NUMBERS) {
      const position = places[at + 1]!;
      const end = position + places[at + 2]!;
      const isNear = position >= endByte && position - endByte <= GAP_BYTES_MAX;
      if (!isNear || end - fromByte > maxBytes) break;
      endByte = end;
    }
    return { file, fromByte, endByte, toRow: at / PLACE_NUMBERS };
  }

  async #read(run: Run, into: Uint8Array): Promise<void> {
    const file = this.#fileAt(run.file);
    const got = await file.readAt(into, run.fromByte);
    if (got === into.length) return;
    throw new KliteError("DATA_DAMAGED", `${file.path} is damaged: it ends at ${run.fromByte + got}`);
  }

  #fileAt(index: number): DiskFile {
    if (this.#openFile?.index === index) return this.#openFile.file;
    this.#openFile?.file.close();
    this.#openFile = null;
    const path = this.#job.files[index];
    assert(path !== undefined, "a batch's file is one of the job's");
    const file = this.#disk.open(path, { isReadOnce: true });
    this.#openFile = { index, file };
    return file;
  }

  /** Checks the run's batches, which lie in `bytes` from `filled` on, and moves them together there. */
  #gather(fromRow: number, run: Run, bytes: Uint8Array, filled: number): number {
    const { places } = this.#job;
    const shift = filled - run.fromByte;
    let end = filled;
    for (let row = fromRow; row < run.toRow; row++) {
      const position = places[row * PLACE_NUMBERS + 1]!;
      const length = places[row * PLACE_NUMBERS + 2]!;
      const at = position + shift;
      const fault = batchFault(this.#header, bytes, at, length) ?? this.#misplaced();
      if (fault !== null) throw this.#damage(run.file, position, fault);
      if (at !== end) bytes.copyWithin(end, at, at + length);
      end += length;
      this.#footer.add(this.#header);
    }
    return end;
  }

  /** Whether the batch just read comes in its order. */
  #misplaced(): string | null {
    const { baseOffset, lastOffset, leaderEpoch } = this.#header;
    const { endOffset, leaderEpochs } = this.#job;
    if (baseOffset < this.#nextOffset || lastOffset >= endOffset) {
      return `its offsets ${baseOffset} to ${lastOffset} are not between ${this.#nextOffset} and ${endOffset}`;
    }
    if (leaderEpoch < this.#leaderEpoch || leaderEpoch > (leaderEpochs?.[1] ?? Infinity)) {
      return `its leader epoch ${leaderEpoch} cannot be`;
    }
    this.#nextOffset = lastOffset + 1;
    this.#leaderEpoch = leaderEpoch;
    return null;
  }

  #damage(file: number, position: number, fault: string): KliteError {
    const { topicName, index } = this.#job.partition;
    return new KliteError(
      "DATA_DAMAGED",
      `${this.#job.files[file]} is damaged: the batch at ${position}, ` +
        `of ${topicName}-${index} at offset ${this.#nextOffset} or behind: ${fault}`,
    );
  }
}
