import { KliteError } from "../base/klite_error.ts";
import type {
  DamagedPlace,
  FoundSegment,
  LostRange,
  Mend,
  RecoveredEntry,
  RecoveredLog,
  RecoverOptions,
} from "./contract.ts";
import {
  ENTRY_HEADER_BYTES,
  entryBytes,
  type EntryHeader,
  EntrySeal,
  KIND_RUN,
  SCAN_PAYLOAD_BYTES,
} from "./entry.ts";
import { EntryScan } from "./entry_scan.ts";
import { FIRST_LSN, SEGMENT_HEADER_BYTES } from "./segment_header.ts";
import { SegmentReader } from "./segment_reader.ts";
import { type LiveFile, type Survey, surveySegments } from "./survey.ts";

/** Why an LSN that cannot be read must have been durable, and up to where. */
interface Proof {
  readonly toLsn: number;
  readonly reason: string;
}

/** Where the walk goes on after a place that cannot be read. */
type Verdict =
  /** Nothing proves that more had been durable: the log ends here. */
  | { readonly kind: "torn" }
  /** The loss is accepted: the log is cut here. */
  | { readonly kind: "cut" }
  /** The loss is accepted: the walk goes on at a position of the same file, or with the next file. */
  | { readonly kind: "skip"; readonly position: number }
  | { readonly kind: "next_file"; readonly next: LiveFile };

/**
 * Reads the log from its oldest segment to its end and tells the caller every entry, in order.
 * Changes nothing on disk, so that it can be repeated at will.
 *
 * Throws `DATA_DAMAGED` when something that had been acknowledged cannot be read, unless
 * `acceptDataLoss`; `INCOMPATIBLE` for another log's files.
 */
export async function recoverLog(options: RecoverOptions): Promise<RecoveredLog> {
  const survey = surveySegments(options);
  return await new Recovery(options, survey, await findSecret(options, survey)).run();
}

/** All headers carry the same secret; without any, the log's first entry may give it away. */
async function findSecret(options: RecoverOptions, survey: Survey): Promise<number | null> {
  const headers = [...survey.live, ...survey.spare];
  const secret = headers[0]?.header.secret;
  for (const { path, header } of headers) {
    if (header.secret === secret) continue;
    throw new KliteError(
      "INCOMPATIBLE",
      `${options.disk.root}/${path} and ${headers[0]!.path} belong to different logs. ` +
        "Restore the data directory as a whole.",
    );
  }
  if (secret !== undefined) return secret;
  for (const { path } of survey.unreadable) {
    const guess = await withScan(
      options,
      path,
      new EntrySeal(options.checksum, 0),
      (scan) => scan.guessSecret(),
    );
    if (guess !== null) return guess;
  }
  return null;
}

async function withScan<T>(
  options: RecoverOptions,
  path: string,
  seal: EntrySeal,
  use: (scan: EntryScan, reader: SegmentReader) => Promise<T>,
): Promise<T> {
  const file = options.disk.open(path);
  try {
    const reader = new SegmentReader(file);
    return await use(new EntryScan(reader, seal), reader);
  } finally {
    file.close();
  }
}

/** Where the walk has left what it can read, and not come back to it yet. */
interface Hole {
  readonly path: string;
  readonly position: number;
  readonly lsn: number;
}

class Recovery {
  readonly #options: RecoverOptions;
  readonly #survey: Survey;
  readonly #secret: number | null;
  readonly #seal: EntrySeal;
  readonly #lost: LostRange[] = [];
  readonly #damaged: DamagedPlace[] = [];
  readonly #kept: FoundSegment[] = [];
  /** The next entry's place, if there is a next entry. */
  #lsn: number;
  #run = 0;
  #provenDurableLsn = 0;
  #wasCut = false;
  readonly #mends: Mend[] = [];
  #hole: Hole | null = null;

  constructor(options: RecoverOptions, survey: Survey, secret: number | null) {
    this.#options = options;
    this.#survey = survey;
    this.#secret = secret;
    this.#seal = new EntrySeal(options.checksum, secret ?? 0);
    this.#lsn = Math.max(options.snapshotLsn, FIRST_LSN);
  }

  async run(): Promise<RecoveredLog> {
    const { live } = this.#survey;
    const wantedLsn = this.#lsn;
    const first = live[0];
    if (first === undefined) await this.#judgeAbsence();
    else if (first.header.baseLsn > wantedLsn) this.#judgeLateStart(first);
    else {
      this.#lsn = first.header.baseLsn;
      for (let index = 0; index < live.length; index++) {
        if (!await this.#walkFile(live[index]!, live[index + 1] ?? null)) break;
      }
    }
    return this.#result(wantedLsn);
  }

  #result(wantedLsn: number): RecoveredLog {
    const { live, spare, unreadable, nextSlot } = this.#survey;
    const kept = this.#kept;
    const dropped = live.slice(kept.length).reverse();
    // After a cut LSNs are used again: nothing may be left that carries them.
    const discarded = [...dropped, ...unreadable, ...(this.#wasCut ? spare : [])];
    return {
      oldestLsn: kept[0]?.baseLsn ?? wantedLsn,
      endLsn: this.#lsn,
      startLsn: Math.max(this.#lsn, wantedLsn),
      lost: this.#lost,
      damaged: this.#damaged,
      found: {
        secret: this.#secret,
        run: this.#run,
        provenDurableLsn: Math.min(this.#lsn, Math.max(this.#provenDurableLsn, kept.at(-1)?.baseLsn ?? 0)),
        live: kept,
        spare: this.#wasCut ? [] : spare.map((file) => ({ ...file, ...placeOf(file, file.header.baseLsn) })),
        discard: discarded.map((file) => file.path),
        mends: this.#mends,
        wipe: this.#wasCut,
        nextSlot,
      },
    };
  }

  /** No segment at all: a new log, or one whose files are gone. */
  async #judgeAbsence(): Promise<void> {
    const hadSnapshot = this.#options.snapshotLsn > Math.max(FIRST_LSN, this.#options.firstLsn ?? 0);
    const proof = hadSnapshot ? this.#snapshotProof() : await this.#proofInUnreadableFiles(0);
    if (proof === null) return;
    this.#refuse(this.#options.directory, 0, this.#lsn, proof);
    this.#wasCut = true;
  }

  #judgeLateStart(first: LiveFile): void {
    const { baseLsn } = first.header;
    const proof = { toLsn: baseLsn, reason: `the oldest segment found begins at LSN ${baseLsn}` };
    this.#refuse(first.path, 0, this.#lsn, proof);
    this.#wasCut = true;
  }

  /** Tells all entries of a file; answers whether the log goes on in the next one. */
  async #walkFile(file: LiveFile, next: LiveFile | null): Promise<boolean> {
    this.#lsn = file.header.baseLsn;
    this.#run = file.header.run;
    const goesOn = await withScan(this.#options, file.path, this.#seal, async (scan, reader) => {
      let position = SEGMENT_HEADER_BYTES;
      for (;;) {
        if (this.#lsn === next?.header.previousEndLsn) return true;
        if (await this.#tellEntry(scan, reader, position)) {
          const bytes = entryBytes(scan.header.payloadLength);
          position += bytes;
          this.#lsn += bytes;
          continue;
        }
        const verdict = await this.#judge(scan, file, next, position);
        if (verdict.kind === "next_file") {
          this.#join(verdict.next);
          return true;
        }
        if (verdict.kind !== "skip") {
          this.#fillHole(this.#run);
          return false;
        }
        this.#hole ??= { path: file.path, position, lsn: this.#lsn };
        this.#lsn += verdict.position - position;
        position = verdict.position;
      }
    });
    this.#kept.push(placeOf(file, this.#lsn));
    return goesOn;
  }

  /** Verifies the entry at the current LSN and hands it on; false when there is none that counts. */
  async #tellEntry(scan: EntryScan, reader: SegmentReader, position: number): Promise<boolean> {
    const lsn = this.#lsn;
    const replay = lsn >= this.#options.snapshotLsn;
    if (!await scan.verify(position, lsn, replay ? Infinity : SCAN_PAYLOAD_BYTES)) return false;
    const { header } = scan;
    const isWhole = replay || header.kind === this.#options.wholeKind;
    if (isWhole && !replay && !await scan.verify(position, lsn, Infinity)) return false;
    const payload = reader.at(position) + ENTRY_HEADER_BYTES;
    // An entry belongs to the run in force, or opens the run that continues it.
    const runBefore = header.kind === KIND_RUN ? reader.data.getUint32(payload, true) : header.run;
    if (this.#hole === null && runBefore !== this.#run) return false;
    this.#fillHole(runBefore);
    this.#run = header.run;
    this.#provenDurableLsn = Math.max(this.#provenDurableLsn, header.durableLsn);
    if (!replay && lsn + entryBytes(header.payloadLength) > this.#options.snapshotLsn) {
      this.#refuseSnapshot(lsn);
    }
    if (header.kind === KIND_RUN) return true;
    const length = isWhole ? header.payloadLength : Math.min(header.payloadLength, SCAN_PAYLOAD_BYTES);
    const entry: RecoveredEntry = {
      lsn,
      stream: header.stream,
      kind: header.kind,
      payloadLength: header.payloadLength,
      prefixBytes: header.prefixBytes,
      replay,
      payload: reader.bytes.subarray(payload, payload + length),
    };
    this.#options.onEntry(entry);
    return true;
  }

  /** The walk has come back to what it can read, where `nextRun` is in force, or to its end. */
  #fillHole(nextRun: number): void {
    if (this.#hole === null) return;
    this.#mends.push({ kind: "fill", ...this.#hole, endLsn: this.#lsn, run: this.#run, nextRun });
    this.#hole = null;
  }

  /** Nothing more of the file can be read: it ends here, and the next one follows. */
  #join({ path, header }: LiveFile): void {
    this.#lsn = this.#hole?.lsn ?? this.#lsn;
    this.#hole = null;
    this.#mends.push({ kind: "join", path, header: { ...header, previousEndLsn: this.#lsn } });
  }

  /** The place at the current LSN holds no entry that counts: what does that mean? */
  async #judge(scan: EntryScan, file: LiveFile, next: LiveFile | null, position: number): Promise<Verdict> {
    const lsn = this.#lsn;
    const { snapshotLsn } = this.#options;
    const proof = await this.#proof(scan, file, next, position);
    if (proof === null) return { kind: "torn" };
    const { acceptDataLoss, skipsBelowSnapshot } = this.#options;
    if (lsn < snapshotLsn && (acceptDataLoss || skipsBelowSnapshot)) {
      const resume = await scan.find(position + 8, lsn + 8, -1);
      const resumeLsn = lsn + (resume - position);
      const nextLsn = next?.header.baseLsn ?? Infinity;
      const place = { path: file.path, positionBytes: position, fromLsn: lsn, reason: proof.reason };
      if (resume !== -1 && resumeLsn <= Math.min(snapshotLsn, nextLsn - 8)) {
        this.#skip({ ...place, toLsn: resumeLsn });
        return { kind: "skip", position: resume };
      }
      if (next !== null && nextLsn <= snapshotLsn) {
        this.#skip({ ...place, toLsn: nextLsn });
        return { kind: "next_file", next };
      }
    }
    this.#refuse(file.path, position, lsn, proof);
    this.#wasCut = true;
    return { kind: "cut" };
  }

  /** What is behind a place goes on to be read. */
  #skip(place: DamagedPlace): void {
    if (this.#options.acceptDataLoss) this.#lost.push({ fromLsn: place.fromLsn, toLsn: place.toLsn });
    else this.#damaged.push(place);
  }

  async #proof(
    scan: EntryScan,
    file: LiveFile,
    next: LiveFile | null,
    position: number,
  ): Promise<Proof | null> {
    const lsn = this.#lsn;
    if (next !== null) {
      const toLsn = next.header.previousEndLsn;
      return {
        toLsn,
        reason: `the segment ${next.path} was begun after all up to LSN ${toLsn} had become durable`,
      };
    }
    if (lsn < this.#options.snapshotLsn) return this.#snapshotProof();
    const { sizeBytes, header: { capacityBytes } } = file;
    if (sizeBytes < capacityBytes && await scan.endsWithin(position, lsn)) {
      return { toLsn: lsn, reason: `the file was made with ${capacityBytes} bytes and has ${sizeBytes}` };
    }
    const found = await scan.find(position + 8, lsn + 8, lsn);
    if (found === -1) return await this.#proofInUnreadableFiles(lsn);
    return entryProof(scan.header, file.path, found);
  }

  #snapshotProof(): Proof {
    const toLsn = this.#options.snapshotLsn;
    return { toLsn, reason: `the snapshot was taken when all up to LSN ${toLsn} was durable` };
  }

  /** A segment of which the header is damaged still shows by its entries how far the log went. */
  async #proofInUnreadableFiles(lsn: number): Promise<Proof | null> {
    if (this.#secret === null) return null;
    for (const { path } of this.#survey.unreadable) {
      const proof = await withScan(this.#options, path, this.#seal, async (scan) => {
        const found = await scan.findAnywhere(SEGMENT_HEADER_BYTES, lsn);
        return found === -1 ? null : entryProof(scan.header, path, found);
      });
      if (proof !== null) return proof;
    }
    return null;
  }

  #refuseSnapshot(lsn: number): never {
    const { disk, directory, snapshotLsn } = this.#options;
    throw new KliteError(
      "INCOMPATIBLE",
      `the snapshot of LSN ${snapshotLsn} does not fit the log in ${disk.root}/${directory}, ` +
        `which has an entry across it at LSN ${lsn}. Restore the data directory as a whole.`,
    );
  }

  /** Throws, or notes the loss when that is accepted. */
  #refuse(path: string, position: number, lsn: number, proof: Proof): void {
    const toLsn = Math.max(proof.toLsn, lsn);
    this.#lost.push({ fromLsn: lsn, toLsn });
    if (this.#options.acceptDataLoss) return;
    throw new KliteError(
      "DATA_DAMAGED",
      `${this.#options.disk.root}/${path}, byte ${position}: the log cannot be read at LSN ${lsn}, yet ${proof.reason}. ` +
        `Acknowledged data is damaged, at least in the LSNs ${lsn} to ${toLsn}. ` +
        "Restore the data directory from a backup; or start once with --accept-data-loss, which gives up what cannot be read.",
    );
  }
}

function entryProof(header: EntryHeader, path: string, position: number): Proof {
  return {
    toLsn: header.durableLsn,
    reason:
      `the entry at byte ${position} of ${path} was written after all up to LSN ${header.durableLsn} had become durable`,
  };
}

function placeOf(file: LiveFile, endLsn: number): FoundSegment {
  return { path: file.path, baseLsn: file.header.baseLsn, endLsn, capacityBytes: file.sizeBytes };
}
