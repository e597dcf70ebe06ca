/**
 * Makes JSON Web Tokens as an identity provider does, and as forgers do: anything may stand in one. Made with
 * WebCrypto alone, so that the library which klite reads them with is not tested against itself.
 */

const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;
const LIFETIME_S = 3600;

/** What a token says, beside `iss`, `aud`, `sub`, `iat` and `exp`; `undefined` leaves one of these out. */
export type Claims = Readonly<Record<string, unknown>>;

/** How a token is made when it is not made as it should be. */
export interface TokenOptions {
  /** Over those of an honest token. */
  readonly claims?: Claims;
  /** Over `alg`, `typ` and `kid`. */
  readonly header?: Claims;
}

/** An identity provider: a key that signs, and the set of keys that its tokens are verified with. */
export class TokenIssuer {
  readonly issuer = "https://login.klite.test";
  readonly audience = "klite";
  /** The key set, as a JWKS document. */
  readonly jwks: string;
  /** The public key as it stands in the set, by which a forger knows it, too. */
  readonly publicKey: JsonWebKey;
  readonly #keys: CryptoKeyPair;
  readonly #keyId: string;

  private constructor(keys: CryptoKeyPair, publicKey: JsonWebKey, keyId: string) {
    this.#keys = keys;
    this.#keyId = keyId;
    this.publicKey = publicKey;
    this.jwks = JSON.stringify({ keys: [{ ...publicKey, kid: keyId, alg: "ES256", use: "sig" }] });
  }

  static async create(keyId = "first"): Promise<TokenIssuer> {
    const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ]);
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", keys.publicKey);
    return new TokenIssuer(keys, { kty, crv, x, y } as JsonWebKey, keyId);
  }

  /** A token for `subject`. */
  async token(subject: string, options: TokenOptions = {}): Promise<string> {
    const content = this.#content(subject, options);
    const signature = await crypto.subtle.sign(SIGNING, this.#keys.privateKey, utf8(content));
    return `${content}.${base64Url(new Uint8Array(signature))}`;
  }

  /** The same without a signature, as `alg: none` has it. */
  unsigned(subject: string): string {
    return `${this.#content(subject, { header: { alg: "none" } })}.`;
  }

  /** Signed with what everybody knows, the public key, in the hope that it is taken for a secret. */
  async signedWithPublicKey(subject: string): Promise<string> {
    const content = this.#content(subject, { header: { alg: "HS256" } });
    const secret = utf8(JSON.stringify(this.publicKey));
    const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
    ]);
    return `${content}.${base64Url(new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(content))))}`;
  }

  #content(subject: string, { claims, header }: TokenOptions): string {
    const nowS = Math.floor(Date.now() / 1000);
    const payload = {
      ...{ iss: this.issuer, aud: this.audience, sub: subject, iat: nowS, exp: nowS + LIFETIME_S },
      ...claims,
    };
    return [{ alg: "ES256", typ: "JWT", kid: this.#keyId, ...header }, payload]
      .map((part) => base64Url(utf8(JSON.stringify(part))))
      .join(".");
  }
}

/** The token with another payload under the same signature. */
export function withClaims(token: string, claims: Claims): string {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const said = JSON.parse(
    new TextDecoder().decode(Uint8Array.fromBase64(payload, { alphabet: "base64url" })),
  );
  return [header, base64Url(utf8(JSON.stringify({ ...said, ...claims }))), signature].join(".");
}

function base64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
