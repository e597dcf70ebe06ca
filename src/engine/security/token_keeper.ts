import { assert } from "../../base/assert.ts";
import { equalSecrets } from "../../base/bytes.ts";
import { Principal } from "../../base/principal.ts";
import type { Refusal } from "../../cluster/mod.ts";
import {
  type CreateTokenCommand,
  decideCreateToken,
  decideExpireToken,
  decideRenewToken,
  decideTokenExpiry,
  type DelegationToken,
  type DelegationTokens,
  isExpired,
  type TokenDecision,
  type TokenLimits,
} from "../../cluster/security/tokens/mod.ts";
import type { Deadline } from "../deadlines.ts";
import type { Engine } from "../engine.ts";

/** What the operator decides about delegation tokens. */
export interface TokenSettings extends TokenLimits {
  /** What all tokens' secrets are made with (delegation.token.secret.key of Kafka); not empty. */
  readonly secret: string;
}

/** A token that was made, and the secret that goes with it. */
export interface NewToken {
  readonly token: DelegationToken;
  readonly hmac: Uint8Array;
}

/** What it takes to log in with a token, over SCRAM: its id is the name of the user. */
export interface TokenCredential {
  /** Who that is then. */
  readonly owner: Principal;
  /** The token's HMAC in Base64. */
  readonly password: string;
  /** Wall clock. */
  readonly expiresAtMs: number;
}

const ID_BYTES = 16;
/** As Kafka: delegation.token.expiry.check.interval.ms. */
const SWEEP_INTERVAL_MS = 60 * 60 * 1000;

/** Runs the rules of delegation tokens, knows their secrets, and removes those that have expired. */
export class TokenKeeper {
  readonly #engine: Engine;
  readonly #limits: TokenLimits;
  readonly #key: CryptoKey;
  /** The secrets of all tokens that there are, by id, and for a moment of some that there were. */
  readonly #hmacs = new Map<string, Uint8Array>();
  readonly #sweep: Deadline;
  #isSweepDue = false;

  /** Takes over the tokens that recovery found. */
  static async open(engine: Engine, { secret, ...limits }: TokenSettings): Promise<TokenKeeper> {
    const algorithm = { name: "HMAC", hash: "SHA-512" };
    const bytes = new TextEncoder().encode(secret);
    const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]);
    const keeper = new TokenKeeper(engine, key, limits);
    for (const { id } of keeper.#tokens.all()) keeper.#hmacs.set(id, await keeper.#sign(id));
    return keeper;
  }

  private constructor(engine: Engine, key: CryptoKey, limits: TokenLimits) {
    this.#engine = engine;
    this.#key = key;
    this.#limits = limits;
    this.#sweep = engine.deadlines.create(() => void this.#removeExpired());
    this.#sweepLater();
  }

  /** Makes a token with an id and a secret of its own. */
  async create(command: Omit<CreateTokenCommand, "id">): Promise<NewToken | Refusal> {
    const id = this.#newId();
    const hmac = await this.#sign(id);
    const made = await this.#execute(
      (tokens, nowMs) => decideCreateToken(tokens, { ...command, id }, this.#limits, nowMs),
      () => this.#hmacs.set(id, hmac),
    );
    return "error" in made ? made : { token: made, hmac };
  }

  /** Puts off when the token of a secret expires; answers it as it is then. */
  async renew(hmac: Uint8Array, principal: string, periodMs: number): Promise<DelegationToken | Refusal> {
    const id = this.#idOf(hmac);
    return await this.#execute((tokens, nowMs) =>
      decideRenewToken(tokens.get(id), principal, periodMs, this.#limits, nowMs)
    );
  }

  /** Lets the token of a secret expire at another time, or at once with a period below 0. */
  async expire(hmac: Uint8Array, principal: string, periodMs: number): Promise<DelegationToken | Refusal> {
    const id = this.#idOf(hmac);
    return await this.#execute(
      (tokens, nowMs) => decideExpireToken(tokens.get(id), principal, periodMs, nowMs),
      () => this.#forgetRemoved([id]),
    );
  }

  /** The secret of a token that there is, for those alone who may know it. */
  secretOf({ id }: DelegationToken): Uint8Array {
    const hmac = this.#hmacs.get(id);
    assert(hmac !== undefined, "the secret of every token is known");
    return hmac;
  }

  /** What logging in with a token takes; `undefined` when there is none of that id, or none that is good any more. */
  credential(id: string): TokenCredential | undefined {
    const token = this.#tokens.get(id);
    if (token === undefined || isExpired(token, this.#engine.clock.nowMs())) return undefined;
    const owner = Principal.parse(token.owner);
    if (owner === null) return undefined;
    return { owner, password: this.secretOf(token).toBase64(), expiresAtMs: token.expiresAtMs };
  }

  get #tokens(): DelegationTokens {
    return this.#engine.state.security.tokens;
  }

  async #execute(
    decide: (tokens: DelegationTokens, nowMs: number) => TokenDecision | Refusal,
    applied?: () => void,
  ): Promise<DelegationToken | Refusal> {
    let token = null as DelegationToken | null;
    const refusal = await this.#engine.execute(({ security }) => {
      const decided = decide(security.tokens, this.#engine.clock.nowMs());
      if ("error" in decided) return decided;
      token = decided.token;
      return decided.decision;
    }, applied);
    if (refusal !== null) return refusal;
    assert(token !== null, "what was decided is a token");
    this.#sweepLater();
    return token;
  }

  /** The id of the token that a secret belongs to; empty when it belongs to none. */
  #idOf(secret: Uint8Array): string {
    let found = "";
    for (const [id, hmac] of this.#hmacs) if (equalSecrets(hmac, secret)) found = id;
    return found;
  }

  /** The secret of a token of that id, as Kafka makes it. */
  async #sign(id: string): Promise<Uint8Array> {
    return new Uint8Array(await crypto.subtle.sign("HMAC", this.#key, new TextEncoder().encode(id)));
  }

  #forgetRemoved(ids: Iterable<string>): void {
    for (const id of ids) if (this.#tokens.get(id) === undefined) this.#hmacs.delete(id);
  }

  #newId(): string {
    for (;;) {
      const bytes = this.#engine.randomBytes(ID_BYTES);
      const id = bytes.toBase64({ alphabet: "base64url", omitPadding: true });
      // Command lines take what begins with a dash for an option.
      if (!id.startsWith("-") && this.#tokens.get(id) === undefined) return id;
    }
  }

  /** Until then an expired token is still told from one that there never was, as in Kafka. */
  #sweepLater(): void {
    if (this.#isSweepDue || this.#tokens.size === 0) return;
    this.#isSweepDue = true;
    this.#sweep.set(SWEEP_INTERVAL_MS);
  }

  /** What a full log refuses is tried again the next time. */
  async #removeExpired(): Promise<void> {
    await this.#engine.execute(({ security }) =>
      decideTokenExpiry(security.tokens, this.#engine.clock.nowMs())
    );
    this.#forgetRemoved(this.#hmacs.keys());
    this.#isSweepDue = false;
    this.#sweepLater();
  }
}
