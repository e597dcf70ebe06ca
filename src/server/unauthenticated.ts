/** Whoever has had so long may go: it takes a client milliseconds to authenticate when it wants to. */
const PATIENCE_MS = 1000;

/**
 * Connections whose clients have yet to authenticate, of which there may be so many. When there are more, the address
 * with the most of them loses one, so that whoever holds many does not keep others out: its oldest if that has had its
 * time, else its newest. Of a crowd of honest clients, as after a restart, those go on that have begun.
 */
export class Unauthenticated<Connection> {
  readonly #max: number;
  /** When they came, by address; monotonic. */
  readonly #byHost = new Map<string, Map<Connection, number>>();
  #size = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds one; answers who has to go for it, maybe itself, and is not counted any more. */
  add(host: string, connection: Connection, nowMs: number): Connection | undefined {
    const ofHost = this.#byHost.get(host);
    if (ofHost === undefined) this.#byHost.set(host, new Map([[connection, nowMs]]));
    else ofHost.set(connection, nowMs);
    this.#size++;
    return this.#size > this.#max ? this.#takeOneOfMost(nowMs) : undefined;
  }

  /** Takes one out, if it is in. */
  remove(host: string, connection: Connection): void {
    const ofHost = this.#byHost.get(host);
    if (ofHost?.delete(connection) !== true) return;
    this.#size--;
    if (ofHost.size === 0) this.#byHost.delete(host);
  }

  #takeOneOfMost(nowMs: number): Connection | undefined {
    let host = "";
    let most: ReadonlyMap<Connection, number> = new Map();
    for (const [each, ofHost] of this.#byHost) if (ofHost.size > most.size) [host, most] = [each, ofHost];
    let goes: Connection | undefined;
    for (const [connection, sinceMs] of most) {
      goes = connection;
      if (nowMs - sinceMs >= PATIENCE_MS) break;
    }
    if (goes !== undefined) this.remove(host, goes);
    return goes;
  }
}
