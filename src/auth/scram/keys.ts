import type { ScramMechanism } from "../mechanisms.ts";

/** What is kept of a password: enough to check who knows it, not enough to log in (RFC 5802). */
export interface ScramKeys {
  readonly storedKey: Uint8Array<ArrayBuffer>;
  readonly serverKey: Uint8Array<ArrayBuffer>;
}

/** The same with what is needed to make them of the password again. */
export interface ScramCredential extends ScramKeys {
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly iterations: number;
}

/** As few as Kafka allows, and what its tools take unless told otherwise. */
export const ITERATIONS_MIN = 4096;

const HASHES = { "SCRAM-SHA-256": "SHA-256", "SCRAM-SHA-512": "SHA-512" } as const;
const KEY_BYTES = { "SCRAM-SHA-256": 32, "SCRAM-SHA-512": 64 } as const;

/** Bytes of a key, a proof and a signature. */
export function keyBytes(mechanism: ScramMechanism): number {
  return KEY_BYTES[mechanism];
}

/** A credential for `password`. As in Kafka a password is its UTF-8 bytes, without SASLprep. */
export async function deriveCredential(
  mechanism: ScramMechanism,
  password: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<ScramCredential> {
  const salted = await saltedPassword(mechanism, password, salt, iterations);
  return { salt, iterations, ...await scramKeys(mechanism, salted) };
}

/** The slow part, off the event loop: a millisecond for every few thousand iterations. */
export async function saltedPassword(
  mechanism: ScramMechanism,
  password: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey("raw", encode(password), "PBKDF2", false, ["deriveBits"]);
  const parameters = { name: "PBKDF2", hash: HASHES[mechanism], salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, KEY_BYTES[mechanism] * 8));
}

/** What is kept of a salted password, which is what AlterUserScramCredentials (KIP-554) carries. */
export async function scramKeys(
  mechanism: ScramMechanism,
  salted: Uint8Array<ArrayBuffer>,
): Promise<ScramKeys> {
  const [clientKey, serverKey] = await Promise.all([
    hmac(mechanism, salted, CLIENT_KEY),
    hmac(mechanism, salted, SERVER_KEY),
  ]);
  return { storedKey: await digest(mechanism, clientKey), serverKey };
}

const CLIENT_KEY = encode("Client Key");
const SERVER_KEY = encode("Server Key");

/** The client's key, which only one who knows the password can have made a proof with. */
export async function provenKey(
  mechanism: ScramMechanism,
  storedKey: Uint8Array<ArrayBuffer>,
  authMessage: string,
  proof: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const signature = await hmac(mechanism, storedKey, encode(authMessage));
  return signature.map((byte, index) => byte ^ (proof[index] ?? 0));
}

/** What shows the client that the broker knows it, too. */
export function serverSignature(
  mechanism: ScramMechanism,
  serverKey: Uint8Array<ArrayBuffer>,
  authMessage: string,
): Promise<Uint8Array<ArrayBuffer>> {
  return hmac(mechanism, serverKey, encode(authMessage));
}

/** H of RFC 5802. */
export async function digest(
  mechanism: ScramMechanism,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest(HASHES[mechanism], bytes));
}

/** HMAC of RFC 5802. */
export async function hmac(
  mechanism: ScramMechanism,
  key: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const imported = await crypto.subtle.importKey(
    "raw",
    key,
    { name: "HMAC", hash: HASHES[mechanism] },
    false,
    [
      "sign",
    ],
  );
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
