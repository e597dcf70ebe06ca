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
  /** The certificate by which the peer has shown who it is; `null` without TLS, and when it has shown none. */
  readonly peer: PeerCertificate | null;
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

/** A certificate that was checked: signed by an authority that is trusted, in force, meant for clients. */
export interface PeerCertificate {
  readonly der: Uint8Array;
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

/** What a TLS listener shows its clients, and asks of them. PEM. */
export interface TlsTexts {
  /** The listener's own certificate, and behind it those between it and its authority. */
  readonly certificate: string;
  readonly key: string;
  /** Who may have signed the certificates of clients; `null` when none are asked for. */
  readonly clientCa: string | null;
}

/** {@link TlsTexts} that were checked and can be served with. */
export interface TlsContext {
  /** Of the listener's own certificate. */
  readonly subject: string;
  /** Wall clock, ms since the epoch. */
  readonly expiresAtMs: number;
}

/**
 * Whether clients show a certificate. `requested`: those that show none are served, too; one that is not trusted is
 * refused all the same.
 */
export type ClientAuth = "none" | "requested" | "required";

/** What a TLS listener goes by. */
export interface TlsSource {
  readonly clientAuth: ClientAuth;
  /** Asked for each new connection: those that are open keep what they began with. */
  readonly context: TlsContext;
  /** A handshake has come to nothing: `reason` in words for the operator. */
  refused(remote: Address, reason: string): void;
}

export interface Network {
  /**
   * Binds; `ADDRESS_UNAVAILABLE` when it cannot. With `tls`, `accept` gives connections whose handshake is done:
   * handshakes run beside each other and have a deadline, and those under way are bounded in number. Connections that
   * `admits` does not want are closed before theirs, which takes the most time of all that is done for them.
   */
  listen(address: Address, tls?: TlsSource, admits?: (remote: Address) => boolean): Listener;
  /** Makes ready for TLS. `BAD_CONFIG`, in words for the operator, when the texts are not what they should be. */
  prepareTls(texts: TlsTexts): Promise<TlsContext>;
}
