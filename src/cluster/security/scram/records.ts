export type ScramMechanism = "SCRAM-SHA-256" | "SCRAM-SHA-512";

/** What the broker keeps of a password: enough to check who knows it, not enough to log in (RFC 5802). Base64. */
export interface ScramCredential {
  readonly user: string;
  readonly mechanism: ScramMechanism;
  readonly iterations: number;
  readonly salt: string;
  readonly storedKey: string;
  readonly serverKey: string;
}

export type ScramRecord =
  /** In place of what the user had of this mechanism. */
  | ({ readonly type: "scram_credential_set" } & ScramCredential)
  | { readonly type: "scram_credential_removed"; readonly user: string; readonly mechanism: ScramMechanism };

export type ScramSnapshot = readonly ScramCredential[];
