import { assert } from "../base/assert.ts";

/** Descriptors that connections leave to the rest of the broker once the system has no more. */
const SPARE = 64;

/** How many connections there are, in all and of each address. */
export class ConnectionCounts {
  readonly #byHost = new Map<string, number>();
  readonly #limit: number;
  /** As the limit, or less while the system has no more. */
  #max: number;
  readonly #maxPerHost: number;
  #total = 0;

  constructor(limits: { readonly maxConnections: number; readonly maxConnectionsPerAddress: number }) {
    this.#limit = this.#max = limits.maxConnections;
    this.#maxPerHost = limits.maxConnectionsPerAddress;
  }

  get total(): number {
    return this.#total;
  }

  /** Why there may not be a connection from `host`; `null` if there may. */
  refusal(host: string): "too_many_connections" | "too_many_from_address" | null {
    if (this.#total >= this.#max) return "too_many_connections";
    return (this.#byHost.get(host) ?? 0) >= this.#maxPerHost ? "too_many_from_address" : null;
  }

  /** Counts a connection from `host`. */
  add(host: string): void {
    this.#total++;
    this.#byHost.set(host, (this.#byHost.get(host) ?? 0) + 1);
  }

  /**
   * The system has no descriptor for one more: from now on some are left free, for files, the object store and code
   * that is loaded late, until half of the connections have gone. Answers how many of them are too many now.
   */
  leaveRoom(): number {
    if (this.#total < 4 * SPARE) return 0;
    this.#max = Math.min(this.#max, this.#total - SPARE);
    return Math.max(0, this.#total - this.#max);
  }

  /** Takes back one that was counted. */
  remove(host: string): void {
    const ofHost = this.#byHost.get(host);
    assert(ofHost !== undefined, "a connection was not counted");
    this.#total--;
    if (this.#total < this.#max / 2) this.#max = this.#limit;
    if (ofHost === 1) this.#byHost.delete(host);
    else this.#byHost.set(host, ofHost - 1);
  }
}
