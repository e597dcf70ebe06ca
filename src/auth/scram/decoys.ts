import type { ScramMechanism } from "../mechanisms.ts";
import { hmac, ITERATIONS_MIN, keyBytes, type ScramCredential } from "./keys.ts";

/** Of which Kafka's own tools make a salt: a text to the base of 36. */
const SALT_BITS = 130n;

/**
 * Credentials of users that there are not. They look like those that Kafka's tools make, and are the same each time,
 * so that nobody learns by asking who is a user and who is not. No password fits.
 */
export class Decoys {
  readonly #key: Uint8Array<ArrayBuffer>;

  /** `key` is what no client knows, and stays the same over restarts: what changes then was no user's. */
  constructor(key: Uint8Array) {
    this.#key = new Uint8Array(key);
  }

  async credential(user: string, mechanism: ScramMechanism): Promise<ScramCredential> {
    const [salt, keys] = await Promise.all([
      this.salt(user, mechanism),
      this.#bytes("keys", user, mechanism),
    ]);
    const storedKey = keys.slice(0, keyBytes(mechanism));
    return { salt, iterations: ITERATIONS_MIN, storedKey, serverKey: storedKey };
  }

  /** A salt of a user, whether there is one or not. */
  async salt(user: string, mechanism: ScramMechanism): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#bytes("salt", user, mechanism);
    const number = bytes.reduce((sum, byte) => sum << 8n | BigInt(byte), 0n) & ((1n << SALT_BITS) - 1n);
    return new TextEncoder().encode(number.toString(36));
  }

  #bytes(purpose: string, user: string, mechanism: ScramMechanism): Promise<Uint8Array<ArrayBuffer>> {
    const message = JSON.stringify([purpose, mechanism, user]);
    return hmac("SCRAM-SHA-512", this.#key, new TextEncoder().encode(message));
  }
}
