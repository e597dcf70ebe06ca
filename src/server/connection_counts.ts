import { assert } from "../base/assert.ts";

/** How many connections there are, in all and of each address. */
export class ConnectionCounts {
  readonly #byHost = new Map<string, number>();
  readonly #max: number;
  readonly #maxPerHost: number;
  #total = 0;

  constructor(limits: { readonly maxConnections: number; readonly maxConnectionsPerAddress: number }) {
    this.#max = limits.maxConnections;
    this.#maxPerHost = limits.maxConnectionsPerAddress;
  }

  get total(): number {
    return this.#total;
  }

  /** Counts a connection from `host`, or says why it may not be. */
  add(host: string): "counted" | "too_many_connections" | "too_many_from_address" {
    if (this.#total >= this.#max) return "too_many_connections";
    const ofHost = this.#byHost.get(host) ?? 0;
    if (ofHost >= this.#maxPerHost) return "too_many_from_address";
    this.#total++;
    this.#byHost.set(host, ofHost + 1);
    return "counted";
  }

  /** Takes back one that was counted. */
  remove(host: string): void {
    const ofHost = this.#byHost.get(host);
    assert(ofHost !== undefined, "a connection was not counted");
    this.#total--;
    if (ofHost === 1) this.#byHost.delete(host);
    else this.#byHost.set(host, ofHost - 1);
  }
}
