import { assert } from "../../base/assert.ts";
import { Principal } from "../../base/principal.ts";
import type { SaslExchange, SaslStep } from "../exchange.ts";
import { OTHER_AUTHORIZATION_ID } from "../mechanisms.ts";
import { quoted } from "../utf8.ts";
import type { PasswordCheck } from "./password_check.ts";
import { parsePlain } from "./plain_message.ts";

/** The broker's side of PLAIN (RFC 4616), with Kafka's answers. */
export class PlainExchange implements SaslExchange {
  readonly #passwords: PasswordCheck;
  #isOver = false;

  constructor(passwords: PasswordCheck) {
    this.#passwords = passwords;
  }

  async step(bytes: Uint8Array, gone?: AbortSignal): Promise<SaslStep> {
    assert(!this.#isOver, "an exchange of PLAIN has one step");
    this.#isOver = true;
    const message = parsePlain(bytes);
    if ("problem" in message) {
      return { kind: "failed", reason: message.problem, message: message.problem };
    }
    const { authorizationId, user, password } = message;
    const outcome = await this.#passwords.check(user, password, gone);
    if (outcome !== "right") {
      const reason = outcome === "unknown"
        ? `there is no user ${quoted(user)}`
        : `wrong password for user ${quoted(user)}`;
      return { kind: "failed", reason, message: WRONG_PASSWORD };
    }
    if (authorizationId !== "" && authorizationId !== user) {
      const reason = `${quoted(user)} wants to be ${quoted(authorizationId)}`;
      return { kind: "failed", reason, message: OTHER_AUTHORIZATION_ID };
    }
    const principal = new Principal("User", user);
    return { kind: "done", bytes: new Uint8Array(0), principal, endsAtMs: null, isToken: false };
  }
}

/** In Kafka's words. */
const WRONG_PASSWORD = "Authentication failed: Invalid username or password";
