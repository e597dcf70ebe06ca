import { createHash } from "node:crypto";

/** As many as there may be connections; 100 bytes each. */
const CERTIFICATES_MAX = 10_000;

/**
 * Certificates that were good in a handshake of their own, the last ones to come. A client that takes a session up again
 * shows none: the runtime then tells of the one of the first time and takes it for good, even if it was refused.
 */
export class VouchedCertificates {
  /** Digests. Those that came last are at the end. */
  readonly #known = new Set<string>();

  add(der: Uint8Array): void {
    const digest = digestOf(der);
    this.#known.delete(digest);
    this.#known.add(digest);
    if (this.#known.size <= CERTIFICATES_MAX) return;
    const [oldest = ""] = this.#known;
    this.#known.delete(oldest);
  }

  has(der: Uint8Array): boolean {
    return this.#known.has(digestOf(der));
  }
}

function digestOf(der: Uint8Array): string {
  return createHash("sha256").update(der).digest("base64");
}
