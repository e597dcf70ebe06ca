import { assert, unreachable } from "../base/assert.ts";
import type { TokenSource, UserSource } from "./credentials.ts";
import type { Authenticator, SaslExchange } from "./exchange.ts";
import type { SaslMechanism } from "./mechanisms.ts";
import { Derivations } from "./derivations.ts";
import { BearerExchange } from "./oauth/bearer_exchange.ts";
import type { TokenVerifier } from "./oauth/token_verifier.ts";
import { PasswordCheck } from "./plain/password_check.ts";
import { PlainExchange } from "./plain/plain_exchange.ts";
import type { Decoys } from "./scram/decoys.ts";
import { ScramExchange, type ScramParts } from "./scram/scram_exchange.ts";
import type { Random } from "../io/random.ts";

/** Whom the mechanisms ask. */
export interface AuthenticatorParts {
  readonly users: UserSource;
  readonly tokens: TokenSource;
  readonly decoys: Decoys;
  readonly random: Random;
  /** For OAUTHBEARER, without which it may not be among the mechanisms. */
  readonly verifier: TokenVerifier | null;
}

/** Authenticates by the mechanisms that the operator has chosen. */
export class SaslAuthenticator implements Authenticator {
  readonly mechanisms: readonly string[];
  readonly #begin: ReadonlyMap<string, () => SaslExchange>;

  constructor(mechanisms: readonly SaslMechanism[], parts: AuthenticatorParts) {
    this.mechanisms = mechanisms;
    const all = { ...parts, derivations: new Derivations() };
    const passwords = new PasswordCheck(all);
    this.#begin = new Map(mechanisms.map((mechanism) => [mechanism, exchanges(mechanism, all, passwords)]));
  }

  begin(mechanism: string): SaslExchange | null {
    return this.#begin.get(mechanism)?.() ?? null;
  }
}

function exchanges(
  mechanism: SaslMechanism,
  parts: AuthenticatorParts & ScramParts,
  passwords: PasswordCheck,
): () => SaslExchange {
  switch (mechanism) {
    case "PLAIN":
      return () => new PlainExchange(passwords);
    case "SCRAM-SHA-256":
    case "SCRAM-SHA-512":
      return () => new ScramExchange(mechanism, parts);
    case "OAUTHBEARER": {
      const { verifier } = parts;
      assert(verifier !== null, "OAUTHBEARER needs keys to verify tokens with");
      return () => new BearerExchange(verifier);
    }
    default:
      unreachable(mechanism);
  }
}
