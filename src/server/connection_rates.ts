/** What an address may do at once after it has done nothing: as much as in so long otherwise. As Kafka's quota windows. */
const BURST_MS = 10_000;

/** Addresses that are remembered at most, some 100 bytes each. */
export const ADDRESSES_MAX = 65_536;

/** How fast addresses make connections, where that is bounded. */
export class ConnectionRates {
  /** When all that an address has taken will have been its due; monotonic. */
  readonly #evenAtMs = new Map<string, number>();

  /** Addresses that are remembered. */
  get size(): number {
    return this.#evenAtMs.size;
  }

  /** Counts a connection from `host` and answers 0; or how many ms it is too early for one, and counts nothing. */
  take(host: string, perSecond: number, nowMs: number): number {
    if (perSecond <= 0) return Infinity;
    const intervalMs = 1000 / perSecond;
    const evenAtMs = Math.max(this.#evenAtMs.get(host) ?? 0, nowMs) + intervalMs;
    const aheadMs = evenAtMs - nowMs - Math.max(BURST_MS, intervalMs);
    // Rounding must not take an address's last connection from it.
    if (aheadMs > 1e-3) return aheadMs;
    if (this.#evenAtMs.size >= ADDRESSES_MAX && !this.#evenAtMs.has(host)) this.#makeRoom(nowMs);
    this.#evenAtMs.set(host, evenAtMs);
    return 0;
  }

  /** Forgets addresses that have nothing to be remembered for. To be called about every second. */
  trim(nowMs: number): void {
    for (const [host, evenAtMs] of this.#evenAtMs) {
      if (evenAtMs <= nowMs) this.#evenAtMs.delete(host);
    }
  }

  /** Half of it at least, so that the work is shared by many connections: of more addresses those that came first go. */
  #makeRoom(nowMs: number): void {
    this.trim(nowMs);
    for (const host of this.#evenAtMs.keys()) {
      if (this.#evenAtMs.size <= ADDRESSES_MAX / 2) return;
      this.#evenAtMs.delete(host);
    }
  }
}
