import { createLocalJWKSet, errors, jwtVerify, type JWTVerifyGetKey, type JWTVerifyOptions } from "./jose.ts";
import type { Clock } from "../../io/clock.ts";
import type { KeySet, KeySource } from "./key_sets.ts";
import type { TokenVerifier, Verified } from "./token_verifier.ts";

/** What tokens have to say. */
export interface TokenDemands {
  /** Who must have made them; `null` for whoever has the keys. */
  readonly issuer: string | null;
  /** Whom they must be for: one of these. With none they must be for nobody in particular. */
  readonly audiences: readonly string[];
  /** The claim that names the user. */
  readonly principalClaim: string;
}

/**
 * Signatures of one who has a key that others cannot have. `none` is no signature, and with HS256 and its like whoever
 * can check a token can make one.
 */
const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];
/** As Kafka: sasl.oauthbearer.clock.skew.seconds. */
const CLOCK_SKEW_S = 30;

/** Verifies JSON Web Tokens (RFC 7519), as Kafka demands them to be. */
export class JwtVerifier implements TokenVerifier {
  readonly #keys: KeySource;
  readonly #demands: TokenDemands;
  readonly #clock: Clock;
  #set: KeySet | null = null;
  #find: JWTVerifyGetKey | null = null;

  constructor(keys: KeySource, demands: TokenDemands, clock: Clock) {
    this.#keys = keys;
    this.#demands = demands;
    this.#clock = clock;
  }

  async verify(token: string): Promise<Verified> {
    const set = await this.#keys.current();
    if (set === null) return { problem: "the keys that tokens are verified with cannot be had" };
    try {
      return await this.#verifyWith(set, token);
    } catch (error) {
      const newer = error instanceof errors.JWKSNoMatchingKey ? await this.#keys.newer() : null;
      if (newer === null || newer === set) return problemOf(error);
      return await this.#verifyWith(newer, token).catch(problemOf);
    }
  }

  async #verifyWith(set: KeySet, token: string): Promise<Verified> {
    const { issuer, audiences, principalClaim } = this.#demands;
    const options: JWTVerifyOptions = {
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_SKEW_S,
      currentDate: new Date(this.#clock.nowMs()),
      requiredClaims: ["exp", "iat", principalClaim],
      ...(issuer === null ? {} : { issuer }),
      ...(audiences.length === 0 ? {} : { audience: [...audiences] }),
    };
    const { payload } = await jwtVerify(token, this.#finder(set), options);
    const { exp = 0, iat = 0 } = payload;
    if (exp < iat) return { problem: "the token ends before it was issued" };
    if (audiences.length === 0 && payload.aud !== undefined) {
      return {
        problem: "the token is for an audience, and --oauth-audience does not say that it is this broker",
      };
    }
    const name = payload[principalClaim];
    if (typeof name !== "string" || name.trim() === "") {
      return { problem: `the claim ${principalClaim} of the token is not a name` };
    }
    return { name: name.trim(), endsAtMs: exp * 1000 };
  }

  #finder(set: KeySet): JWTVerifyGetKey {
    if (this.#find === null || this.#set !== set) {
      this.#set = set;
      this.#find = createLocalJWKSet({ keys: set.keys.map((key) => ({ kty: "", ...key })) });
    }
    return this.#find;
  }
}

/** The library's messages name claims and headers; no part of a key or a signature is in them. */
function problemOf(error: unknown): Verified {
  const message = error instanceof Error ? error.message.slice(0, MESSAGE_MAX) : "";
  if (error instanceof errors.JOSEError) return { problem: `${message} (${error.code})` };
  return { problem: `the token's key cannot be used: ${message}` };
}

/** A header's name may be in a message, and as long as the client likes. */
const MESSAGE_MAX = 200;
