/** What the tests of this room have in common: a log in memory that is durable as far as the test says. */
import { ENTRY_HEADER_BYTES, entryBytes, FIRST_LSN, type Refusal, type Wal } from "../wal/mod.ts";

export class WalByHand implements Wal {
  readonly image = new Uint8Array(1 << 20);
  readonly figures = {
    diskBytes: 0,
    segmentCount: 1,
    spareCount: 0,
    commitCount: 0,
    syncedBytes: 0,
    lastSyncMs: 0,
  };
  oldestLsn = FIRST_LSN;
  durableLsn = FIRST_LSN;
  endLsn = FIRST_LSN;
  refusal: Refusal = "not_ready";
  /** Every append is refused with it, if it is not `null`. */
  refuses: Refusal | null = null;
  readonly #onDurable: (lsn: number) => void;
  #waiters: { readonly lsn: number; readonly resolve: () => void }[] = [];
  #payloadBytes = 0;

  constructor(onDurable: (lsn: number) => void) {
    this.#onDurable = onDurable;
  }

  /** All that was appended is durable now. */
  sync(): void {
    this.durableLsn = this.endLsn;
    this.#onDurable(this.durableLsn);
    for (const { resolve } of this.#waiters.splice(0)) resolve();
  }

  begin(payloadBytes: number): number {
    this.#payloadBytes = payloadBytes;
    this.refusal = this.refuses ?? this.refusal;
    return this.refuses === null ? this.endLsn + ENTRY_HEADER_BYTES : -1;
  }

  end(): number {
    const lsn = this.endLsn;
    this.endLsn += entryBytes(this.#payloadBytes);
    return lsn;
  }

  append(_stream: number, _kind: number, payload: Uint8Array): number {
    const at = this.begin(payload.length);
    if (at < 0) return -1;
    this.image.set(payload, at);
    return this.end();
  }

  async whenDurable(lsn: number): Promise<void> {
    if (lsn <= this.durableLsn) return;
    await new Promise<void>((resolve) => this.#waiters.push({ lsn, resolve }));
  }

  whenRoom(): Promise<void> {
    return Promise.resolve();
  }

  view(lsn: number, length: number): Uint8Array | null {
    return lsn < this.oldestLsn ? null : this.image.subarray(lsn, lsn + length);
  }

  read(): Promise<number> {
    return Promise.resolve(0);
  }

  free(lsn: number): void {
    this.oldestLsn = Math.max(this.oldestLsn, lsn);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
