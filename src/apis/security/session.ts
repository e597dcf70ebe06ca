/** How a client shows over SASL who it is, as the APIs see it. */
export interface Session {
  /** Whether the client has shown a delegation token: with one, no others may be made. */
  readonly isToken: boolean;
  /** ApiVersions was answered: before it has authenticated, a client may ask once. */
  versionsTold(): void;
  /** SaslHandshake: the client chooses how to authenticate, the first time or again (KIP-368). */
  handshake(mechanism: string, version: number): HandshakeOutcome;
  /** SaslAuthenticate: takes a message of the client's. */
  authenticate(message: Uint8Array): Promise<AuthenticateOutcome>;
}

export interface HandshakeOutcome {
  readonly errorCode: number;
  readonly mechanisms: readonly string[];
}

export interface AuthenticateOutcome {
  readonly errorCode: number;
  readonly errorMessage: string;
  readonly authBytes: Uint8Array;
  /** When to authenticate again, counted from now; 0: never, or not done yet. */
  readonly sessionLifetimeMs: number;
}
