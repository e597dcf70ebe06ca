import { assert } from "../../base/assert.ts";
import { Principal } from "../../base/principal.ts";
import type { SaslExchange, SaslStep } from "../exchange.ts";
import { invalidCredentials } from "../mechanisms.ts";
import { quoted } from "../utf8.ts";
import { parseBearer } from "./bearer_message.ts";
import type { TokenVerifier } from "./token_verifier.ts";

/** All that a client is told of a token that is not believed. */
const INVALID_TOKEN = '{"status":"invalid_token"}';

/**
 * The broker's side of OAUTHBEARER (RFC 7628, KIP-255). A token that is not believed is answered by a challenge that
 * says so, which the client takes note of with one more message; only then it has failed.
 */
export class BearerExchange implements SaslExchange {
  readonly #verifier: TokenVerifier;
  #state: "first" | "over" | { readonly problem: string } = "first";

  constructor(verifier: TokenVerifier) {
    this.#verifier = verifier;
  }

  async step(bytes: Uint8Array): Promise<SaslStep> {
    const state = this.#state;
    this.#state = "over";
    assert(state !== "over", "an exchange of OAUTHBEARER has two steps");
    if (state !== "first") return { kind: "failed", reason: state.problem, message: INVALID_TOKEN };

    const message = parseBearer(bytes);
    if ("problem" in message) {
      return { kind: "failed", reason: message.problem, message: invalidCredentials("OAUTHBEARER") };
    }
    const verified = await this.#verifier.verify(message.token);
    if ("problem" in verified) {
      this.#state = verified;
      const bytes = new TextEncoder().encode(INVALID_TOKEN);
      return { kind: "challenge", bytes, refusal: verified.problem };
    }
    const { name, endsAtMs } = verified;
    if (message.authorizationId !== "" && message.authorizationId !== name) {
      return {
        kind: "failed",
        reason: `${quoted(name)} wants to be ${quoted(message.authorizationId)}`,
        message: `Authentication failed: Client requested an authorization id (${message.authorizationId}) ` +
          `that is different from the token's principal name (${name})`,
      };
    }
    const principal = new Principal("User", name);
    return { kind: "done", bytes: new Uint8Array(0), principal, endsAtMs, isToken: false };
  }
}
