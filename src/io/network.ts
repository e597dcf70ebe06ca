/** A host and port; an empty host means every interface. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One accepted TCP connection. Every failure is a `KliteError` with `CONNECTION_CLOSED`. */
export interface Socket {
  readonly remote: Address;
  readonly local: Address;
  /** Reads what is there, at least one byte; `null` when the peer has closed its side. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes all of `bytes`, waiting while the peer does not take them. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes both sides; pending reads and writes fail. Idempotent. */
  close(): void;
}

export interface Listener {
  /** The bound address, with the real port when 0 was asked for. */
  readonly address: Address;
  /** The next connection, or `null` once closed. */
  accept(): Promise<Socket | null>;
  close(): void;
}

export interface Network {
  /** Binds; `ADDRESS_UNAVAILABLE` when it cannot. */
  listen(address: Address): Listener;
}
