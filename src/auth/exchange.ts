import type { Principal } from "../base/principal.ts";

/** What a message of the client leads to. */
export type SaslStep =
  /** The client has to answer this. With `refusal` it has failed, for this reason, and is told so when it has answered. */
  | { readonly kind: "challenge"; readonly bytes: Uint8Array; readonly refusal?: string }
  | SaslSuccess
  /** `reason` is for the broker's log, `message` for the client; neither has a secret in it. */
  | { readonly kind: "failed"; readonly reason: string; readonly message: string };

/** The client is who it says. */
export interface SaslSuccess {
  readonly kind: "done";
  /** The last message for the client; may be empty. */
  readonly bytes: Uint8Array;
  readonly principal: Principal;
  /** When what it has shown ends by itself (wall clock): tokens do; `null` for passwords. */
  readonly endsAtMs: number | null;
  /** Whether it has shown a delegation token (KIP-48), which may not be used to make others. */
  readonly isToken: boolean;
}

/**
 * One authentication under way: a state machine over the bytes of its messages. Steps are taken one after the other;
 * none may follow one that was not a challenge. A step never throws for what a client sends.
 */
export interface SaslExchange {
  /** Once `gone` is aborted nobody waits for the step: it may reject with CONNECTION_CLOSED. */
  step(message: Uint8Array, gone?: AbortSignal): Promise<SaslStep>;
}

/** The mechanisms that clients may authenticate with. */
export interface Authenticator {
  /** Kafka's names, in the order in which they were configured. */
  readonly mechanisms: readonly string[];
  /** `null` for a mechanism that is not one of these. */
  begin(mechanism: string): SaslExchange | null;
}
