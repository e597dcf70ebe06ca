import { ANONYMOUS } from "../../base/principal.ts";
import type { Client } from "../api.ts";

/**
 * Whether a client may ask about delegation tokens at all, as Kafka has it: who has not shown who it is may not, nor who has
 * shown it by a token: one that is stolen must not make others.
 */
export function mayUseTokens({ listener: { protocol }, principal, session }: Client): boolean {
  if (session?.isToken === true || protocol === "PLAINTEXT") return false;
  return protocol !== "SSL" || principal.text !== ANONYMOUS.text;
}

/** A principal `type:name` as answers carry it. */
export function principalFields(
  text: string,
): { readonly principalType: string; readonly principalName: string } {
  const colon = text.indexOf(":");
  return { principalType: text.slice(0, colon), principalName: text.slice(colon + 1) };
}

/** Who has asked for a token, as answers carry it from version 3 on (KIP-373). */
export function requesterFields(version: number, text: string) {
  const { principalType, principalName } = version < 3 ? NOBODY : principalFields(text);
  return { tokenRequesterPrincipalType: principalType, tokenRequesterPrincipalName: principalName };
}

const NOBODY = { principalType: "", principalName: "" };

/** For no time, where Kafka's broker refuses; where its controller does it is 0. */
export const NO_TIME_MS = -1;

/** What renewing a token and letting it expire answer. */
export function changedToken(errorCode: number, expiryTimestampMs = 0) {
  return { errorCode, expiryTimestampMs, throttleTimeMs: 0 };
}
