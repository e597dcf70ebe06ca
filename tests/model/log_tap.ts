import type { Engine } from "../../src/engine/mod.ts";

/** An entry as it stands in the log, with bytes of its own. */
export interface LoggedEntry {
  readonly lsn: number;
  /** Durable when the log is so up to here. */
  readonly endLsn: number;
  readonly stream: number;
  readonly kind: number;
  readonly payload: Uint8Array;
  /** Wall clock when it was written. */
  readonly atMs: number;
}

/** Listens to what an engine writes to its log, and lets the log be full at will. */
export class LogTap {
  isFull = false;

  /** `onEntry` is called when the entry stands in the log and nothing has come of it yet. */
  constructor({ wal, clock }: Engine, onEntry: (entry: LoggedEntry) => void) {
    const begin = wal.begin.bind(wal);
    const end = wal.end.bind(wal);
    let at = -1;
    let length = 0;
    let wasFull = false;
    const refusal = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(wal), "refusal");
    Object.defineProperty(wal, "refusal", { get: () => wasFull ? "disk_full" : refusal?.get?.call(wal) });
    wal.begin = (payloadBytes, isUrgent) => {
      wasFull = this.isFull && isUrgent !== true;
      length = payloadBytes;
      return at = wasFull ? -1 : begin(payloadBytes, isUrgent);
    };
    wal.end = (stream, kind, prefixBytes, bodyCrc, bodyStart) => {
      const lsn = end(stream, kind, prefixBytes, bodyCrc, bodyStart);
      const payload = wal.image.slice(at, at + length);
      onEntry({ lsn, endLsn: wal.endLsn, stream, kind, payload, atMs: clock.nowMs() });
      return lsn;
    };
  }
}
