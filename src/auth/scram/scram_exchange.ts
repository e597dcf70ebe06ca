import { assert } from "../../base/assert.ts";
import { equalSecrets } from "../../base/bytes.ts";
import { Principal } from "../../base/principal.ts";
import type { Random } from "../../io/random.ts";
import type { TokenSource, UserSource } from "../credentials.ts";
import type { Derivations } from "../derivations.ts";
import type { SaslExchange, SaslStep } from "../exchange.ts";
import { invalidCredentials, OTHER_AUTHORIZATION_ID, type ScramMechanism } from "../mechanisms.ts";
import { quoted } from "../utf8.ts";
import type { Decoys } from "./decoys.ts";
import {
  deriveCredential,
  digest,
  ITERATIONS_MIN,
  keyBytes,
  provenKey,
  type ScramCredential,
  serverSignature,
} from "./keys.ts";
import { type ClientFirst, parseClientFinal, parseClientFirst } from "./messages.ts";

/** Whom SCRAM asks. */
export interface ScramParts {
  readonly users: UserSource;
  readonly tokens: TokenSource;
  readonly decoys: Decoys;
  readonly derivations: Derivations;
  readonly random: Random;
}

/** Of randomness in the broker's part of the nonce. */
const NONCE_BYTES = 24;

/** What a user name was found to be. */
interface Claimed {
  /** `null` when there is no such user or token: nothing that the client sends will do. */
  readonly principal: Principal | null;
  readonly credential: ScramCredential;
  readonly endsAtMs: number | null;
}

/** What the last message has to fit to. */
interface Challenged extends Claimed {
  readonly first: ClientFirst;
  readonly nonce: string;
  readonly serverFirst: string;
}

/**
 * The broker's side of SCRAM (RFC 5802, RFC 7677) as Kafka speaks it: without channel binding, and with `tokenauth` for
 * delegation tokens. A user that there is not gets the same messages, after the same steps, as one whose password
 * is wrong.
 */
export class ScramExchange implements SaslExchange {
  readonly #mechanism: ScramMechanism;
  readonly #parts: ScramParts;
  #state: "first" | "over" | Challenged = "first";

  constructor(mechanism: ScramMechanism, parts: ScramParts) {
    this.#mechanism = mechanism;
    this.#parts = parts;
  }

  async step(message: Uint8Array, gone?: AbortSignal): Promise<SaslStep> {
    const state = this.#state;
    this.#state = "over";
    assert(state !== "over", "a SCRAM exchange has two steps");
    return state === "first" ? await this.#challenge(message, gone) : await this.#verify(message, state);
  }

  async #challenge(message: Uint8Array, gone: AbortSignal | undefined): Promise<SaslStep> {
    const first = parseClientFirst(message);
    if ("problem" in first) return this.#fail(first.problem);
    const claimed = first.isToken ? await this.#token(first.user, gone) : await this.#user(first.user);
    if (first.authorizationId !== "" && first.authorizationId !== first.user) {
      const reason = `${quoted(first.user)} wants to be ${quoted(first.authorizationId)}`;
      return { kind: "failed", reason, message: OTHER_AUTHORIZATION_ID };
    }
    const { salt, iterations } = claimed.credential;
    const nonce = first.nonce + this.#parts.random.bytes(NONCE_BYTES).toBase64();
    const serverFirst = `r=${nonce},s=${salt.toBase64()},i=${iterations}`;
    this.#state = { ...claimed, first, nonce, serverFirst };
    return { kind: "challenge", bytes: new TextEncoder().encode(serverFirst) };
  }

  async #verify(message: Uint8Array, challenged: Challenged): Promise<SaslStep> {
    const { first, nonce, serverFirst, principal, credential, endsAtMs } = challenged;
    const final = parseClientFinal(message, {
      gs2Header: first.gs2Header,
      proofBytes: keyBytes(this.#mechanism),
    });
    if ("problem" in final) return this.#fail(final.problem);
    if (!equalSecrets(new TextEncoder().encode(final.nonce), new TextEncoder().encode(nonce))) {
      return this.#fail(`the nonce that came back for ${quoted(first.user)} is another one`);
    }
    const authMessage = `${first.bare},${serverFirst},${final.withoutProof}`;
    const key = await provenKey(this.#mechanism, credential.storedKey, authMessage, final.proof);
    const isProven = equalSecrets(await digest(this.#mechanism, key), credential.storedKey);
    if (!isProven || principal === null) {
      const what = first.isToken ? "token" : "user";
      return this.#fail(
        principal === null
          ? `there is no ${what} ${quoted(first.user)}`
          : `wrong credentials for ${what} ${quoted(first.user)}`,
      );
    }
    const signature = await serverSignature(this.#mechanism, credential.serverKey, authMessage);
    const bytes = new TextEncoder().encode(`v=${signature.toBase64()}`);
    return { kind: "done", bytes, principal, endsAtMs, isToken: first.isToken };
  }

  async #user(name: string): Promise<Claimed> {
    const { users, decoys } = this.#parts;
    // The decoy is made for all: what takes longer tells as much as what is answered.
    const decoy = await decoys.credential(name, this.#mechanism);
    const credential = await users.find(name, this.#mechanism);
    const principal = credential === undefined ? null : new Principal("User", name);
    return { principal, credential: credential ?? decoy, endsAtMs: null };
  }

  /** A token has no credential that is kept: its secret is the password of one that is made when it is used. */
  async #token(id: string, gone: AbortSignal | undefined): Promise<Claimed> {
    const { tokens, decoys, derivations } = this.#parts;
    const mechanism = this.#mechanism;
    const token = await tokens.credential(id);
    if (token === undefined) {
      return { principal: null, credential: await decoys.credential(id, mechanism), endsAtMs: null };
    }
    const { owner: principal, password, expiresAtMs: endsAtMs } = token;
    const salt = await decoys.salt(id, mechanism);
    const derive = () => deriveCredential(mechanism, password, salt, ITERATIONS_MIN);
    const credential = await derivations.run(derive, gone);
    return { principal, credential, endsAtMs };
  }

  #fail(reason: string): SaslStep {
    return { kind: "failed", reason, message: invalidCredentials(this.#mechanism) };
  }
}
