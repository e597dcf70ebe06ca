/** The client's side of SCRAM, made with another library than the broker's. */
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { strictEqual } from "node:assert/strict";
import type { SaslExchange, SaslStep, ScramMechanism } from "../../src/auth/mod.ts";

/** What a client knows, and what it says that is out of the ordinary. */
export interface ScramLogin {
  readonly mechanism: ScramMechanism;
  readonly user: string;
  readonly password: string;
  /** `n,,` unless said otherwise. */
  readonly gs2Header?: string;
  /** Behind the nonce of the first message, with a comma before each. */
  readonly extensions?: string;
}

/** The client's messages, and how a broker shows that it knows the password. */
export class ScramClient {
  readonly #login: ScramLogin;
  readonly #bare: string;

  constructor(login: ScramLogin, nonce = "rOprNGfwEbeRWgbNEkqO") {
    this.#login = login;
    const name = login.user.replaceAll("=", "=3D").replaceAll(",", "=2C");
    this.#bare = `n=${name},r=${nonce}${login.extensions ?? ""}`;
  }

  first(): string {
    return `${this.#gs2Header}${this.#bare}`;
  }

  final(serverFirst: string): { readonly message: string; readonly serverFinal: string } {
    const [, nonce = "", salt = "", iterations = ""] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(serverFirst) ??
      [];
    const { mechanism, password } = this.#login;
    const hash = mechanism === "SCRAM-SHA-256" ? "sha256" : "sha512";
    const bytes = mechanism === "SCRAM-SHA-256" ? 32 : 64;
    const salted = pbkdf2Sync(password, Uint8Array.fromBase64(salt), Number(iterations), bytes, hash);
    const hmac = (key: Uint8Array, text: string) => createHmac(hash, key).update(text).digest();
    const clientKey = hmac(salted, "Client Key");
    const storedKey = createHash(hash).update(clientKey).digest();
    const withoutProof = `c=${btoa(this.#gs2Header)},r=${nonce}`;
    const authMessage = `${this.#bare},${serverFirst},${withoutProof}`;
    const signature = hmac(storedKey, authMessage);
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
    return {
      message: `${withoutProof},p=${new Uint8Array(proof).toBase64()}`,
      serverFinal: `v=${new Uint8Array(hmac(hmac(salted, "Server Key"), authMessage)).toBase64()}`,
    };
  }

  get #gs2Header(): string {
    return this.#login.gs2Header ?? "n,,";
  }
}

/** What both sides said. */
export interface ScramTalk {
  readonly outcome: SaslStep;
  /** `null` when the broker had none. */
  readonly serverFirst: string | null;
}

/** Runs an exchange; `alter` changes the client's last message. A broker that lets the client in has shown itself, too. */
export async function talkScram(
  exchange: SaslExchange,
  login: ScramLogin,
  alter: (message: string) => string = (message) => message,
): Promise<ScramTalk> {
  const client = new ScramClient(login);
  const challenge = await exchange.step(utf8(client.first()));
  if (challenge.kind !== "challenge") return { outcome: challenge, serverFirst: null };
  const serverFirst = new TextDecoder().decode(challenge.bytes);
  const { message, serverFinal } = client.final(serverFirst);
  const outcome = await exchange.step(utf8(alter(message)));
  if (outcome.kind === "done") strictEqual(new TextDecoder().decode(outcome.bytes), serverFinal);
  return { outcome, serverFirst };
}

/** The bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
