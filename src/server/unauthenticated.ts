/**
 * Connections whose clients have yet to authenticate, of which there may be so many. When there are more, the address
 * with the most of them loses its oldest: whoever holds many does not keep others out.
 */
export class Unauthenticated<Connection> {
  readonly #max: number;
  readonly #byHost = new Map<string, Set<Connection>>();
  #size = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds one; answers who has to go for it, and is not counted any more. */
  add(host: string, connection: Connection): Connection | undefined {
    const ofHost = this.#byHost.get(host);
    if (ofHost === undefined) this.#byHost.set(host, new Set([connection]));
    else ofHost.add(connection);
    this.#size++;
    return this.#size > this.#max ? this.#takeOldestOfMost() : undefined;
  }

  /** Takes one out, if it is in. */
  remove(host: string, connection: Connection): void {
    const ofHost = this.#byHost.get(host);
    if (ofHost?.delete(connection) !== true) return;
    this.#size--;
    if (ofHost.size === 0) this.#byHost.delete(host);
  }

  #takeOldestOfMost(): Connection | undefined {
    let host = "";
    let most: ReadonlySet<Connection> = new Set();
    for (const [each, ofHost] of this.#byHost) if (ofHost.size > most.size) [host, most] = [each, ofHost];
    const [oldest] = most;
    if (oldest !== undefined) this.remove(host, oldest);
    return oldest;
  }
}
