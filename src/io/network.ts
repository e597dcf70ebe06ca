/** A host and port; an empty host means every interface. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * One TCP connection. Every failure is a `KliteError` with `CONNECTION_CLOSED`.
 * At most one read and one write at a time.
 */
export interface Socket {
  readonly remote: Address;
  readonly local: Address;
  /**
   * Reads what is there, at least one byte; `null` when the peer has closed its side. `into` is not empty
   * and belongs to the socket until the promise settles.
   */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes all of `bytes`, waiting while the peer does not take them. */
  write(bytes: Uint8Array): Promise<void>;
  /** Tells the peer that nothing more will be written; reading goes on. */
  closeWrite(): Promise<void>;
  /** Closes both sides; pending reads and writes fail. Idempotent. */
  close(): void;
}

export interface Listener {
  /** The bound address, with the real port when 0 was asked for. */
  readonly address: Address;
  /**
   * The next connection, or `null` once closed. A `KliteError` with `ACCEPT_FAILED` when the system cannot
   * hand one over now (out of file descriptors, say); asking again later may work.
   */
  accept(): Promise<Socket | null>;
  /** Idempotent. */
  close(): void;
}

export interface Network {
  /** Binds; `ADDRESS_UNAVAILABLE` when it cannot. */
  listen(address: Address): Listener;
}
