/** The client's side of SASL over a {@link WireClient}: as it should be, and altered where a test wants it so. */
import { saslAuthenticateRequest } from "../../src/protocol/generated/sasl_authenticate_request.ts";
import {
  type SaslAuthenticateResponse,
  saslAuthenticateResponse,
} from "../../src/protocol/generated/sasl_authenticate_response.ts";
import { saslHandshakeRequest } from "../../src/protocol/generated/sasl_handshake_request.ts";
import {
  type SaslHandshakeResponse,
  saslHandshakeResponse,
} from "../../src/protocol/generated/sasl_handshake_response.ts";
import type { WireClient } from "./wire_client.ts";

/** The mechanisms of RFC 5802 and RFC 7677. */
export type ScramMechanism = "SCRAM-SHA-256" | "SCRAM-SHA-512";

/** Whom a SCRAM exchange is for, and where it lies. */
export interface ScramOptions {
  readonly mechanism: ScramMechanism;
  readonly user: string;
  readonly password: string;
  /** Whether user and password are a delegation token's id and HMAC (KIP-48). */
  readonly isToken?: boolean;
  /** Default: a random one. */
  readonly nonce?: string;
  /** What is sent in place of the client's first message. */
  readonly alterFirst?: (message: string) => string;
  /** What is sent in place of its second. */
  readonly alterFinal?: (message: string) => string;
}

/** What came of a SCRAM exchange. */
export interface ScramOutcome {
  /** The last answer; its error code is 0 when the broker was content. */
  readonly answer: SaslAuthenticateResponse;
  /** The broker's first message; `null` when it had none. */
  readonly challenge: ScramChallenge | null;
}

/** What the broker says before it knows whether the password is right. */
export interface ScramChallenge {
  readonly nonce: string;
  readonly salt: string;
  readonly iterations: number;
}

const HANDSHAKE_VERSION = 1;
const AUTHENTICATE_VERSION = 2;

/** Asks for a mechanism. */
export function handshake(client: WireClient, mechanism: string): Promise<SaslHandshakeResponse> {
  return client.send(saslHandshakeRequest, saslHandshakeResponse, HANDSHAKE_VERSION, { mechanism });
}

/** Sends one message of an exchange. */
export function sendMessage(
  client: WireClient,
  message: string | Uint8Array,
): Promise<SaslAuthenticateResponse> {
  const authBytes = typeof message === "string" ? utf8(message) : message;
  return client.send(saslAuthenticateRequest, saslAuthenticateResponse, AUTHENTICATE_VERSION, { authBytes });
}

/** PLAIN, handshake included. */
export async function authenticatePlain(
  client: WireClient,
  user: string,
  password: string,
): Promise<SaslAuthenticateResponse> {
  await handshake(client, "PLAIN");
  return await sendMessage(client, `\0${user}\0${password}`);
}

/**
 * OAUTHBEARER, handshake included. A refused token is answered with what is wrong first, and with an error only once
 * the client has said that it has read that (RFC 7628): both are given.
 */
export async function authenticateToken(
  client: WireClient,
  token: string,
): Promise<{ readonly answer: SaslAuthenticateResponse; readonly complaint: string }> {
  await handshake(client, "OAUTHBEARER");
  const first = await sendMessage(client, `n,,\x01auth=Bearer ${token}\x01\x01`);
  const complaint = text(first.authBytes);
  if (first.errorCode !== 0 || complaint === "") return { answer: first, complaint };
  return { answer: await sendMessage(client, "\x01"), complaint };
}

/** SCRAM, handshake included. Throws when the broker claims success and cannot show that it knows the password. */
export async function authenticateScram(client: WireClient, options: ScramOptions): Promise<ScramOutcome> {
  await handshake(client, options.mechanism);
  return await continueScram(client, options);
}

/** SCRAM behind a handshake. */
export async function continueScram(client: WireClient, options: ScramOptions): Promise<ScramOutcome> {
  const { mechanism, user, password, isToken = false, alterFirst = same, alterFinal = same } = options;
  const nonce = options.nonce ?? crypto.randomUUID().replaceAll("-", "");
  const name = user.replaceAll("=", "=3D").replaceAll(",", "=2C");
  const firstBare = `n=${name},r=${nonce}${isToken ? ",tokenauth=true" : ""}`;
  const first = await sendMessage(client, alterFirst(`n,,${firstBare}`));
  if (first.errorCode !== 0) return { answer: first, challenge: null };
  const serverFirst = text(first.authBytes);
  const challenge = readChallenge(serverFirst);
  const withoutProof = `c=biws,r=${challenge.nonce}`;
  const signed = `${firstBare},${serverFirst},${withoutProof}`;
  const { proof, serverSignature } = await proofs(mechanism, password, challenge, signed);
  const answer = await sendMessage(client, alterFinal(`${withoutProof},p=${proof}`));
  if (answer.errorCode === 0 && text(answer.authBytes) !== `v=${serverSignature}`) {
    throw new Error(`the broker does not know the password: it said ${text(answer.authBytes)}`);
  }
  return { answer, challenge };
}

function readChallenge(message: string): ScramChallenge {
  const [, nonce, salt, iterations] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(message) ?? [];
  if (nonce === undefined || salt === undefined) throw new Error(`the broker's challenge is ${message}`);
  return { nonce, salt, iterations: Number(iterations) };
}

async function proofs(
  mechanism: ScramMechanism,
  password: string,
  { salt, iterations }: ScramChallenge,
  signed: string,
): Promise<{ readonly proof: string; readonly serverSignature: string }> {
  const hash = mechanism.slice("SCRAM-".length);
  const bits = hash === "SHA-256" ? 256 : 512;
  const secret = await crypto.subtle.importKey("raw", utf8(password), "PBKDF2", false, ["deriveBits"]);
  const derivation = { name: "PBKDF2", hash, salt: Uint8Array.fromBase64(salt), iterations };
  const salted = new Uint8Array(await crypto.subtle.deriveBits(derivation, secret, bits));
  const clientKey = await hmac(hash, salted, "Client Key");
  const storedKey = new Uint8Array(await crypto.subtle.digest(hash, clientKey));
  const clientSignature = await hmac(hash, storedKey, signed);
  const proof = clientKey.map((byte, index) => byte ^ (clientSignature[index] ?? 0));
  const serverKey = await hmac(hash, salted, "Server Key");
  return {
    proof: proof.toBase64(),
    serverSignature: (await hmac(hash, serverKey, signed)).toBase64(),
  };
}

async function hmac(
  hash: string,
  key: Uint8Array<ArrayBuffer>,
  message: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, utf8(message)));
}

function same(message: string): string {
  return message;
}

function utf8(message: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(message);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
