import { api } from "../api.ts";
import type { Client } from "../client.ts";

const MINUTE_MS = 60_000;

/** A delegation token, as whoever has made it knows it. */
export interface HeldToken {
  readonly id: string;
  readonly hmac: Uint8Array;
  readonly issuedAtMs: number;
}

/** Somebody to name in a token. */
export type Named = readonly [type: string | null, name: string | null];

/** What is asked for with a token; what is not said is nothing. */
export interface TokenOptions {
  readonly owner?: Named;
  readonly renewers?: readonly Named[];
  readonly maxLifetimeMs?: number;
  readonly version?: number;
}

/** Makes and changes delegation tokens. Ids, secrets and times are kept as words: those of two brokers are never alike. */
export class TokenHolder {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Makes a token; answers it if there is one now. */
  async makes(question: string, options: TokenOptions = {}): Promise<HeldToken> {
    const { owner = [null, null], renewers = [], maxLifetimeMs = -1, version = 3 } = options;
    const held = { id: "", hmac: new Uint8Array(), issuedAtMs: 0 };
    await this.#client.keeps(question, async () => {
      const { tokenId, hmac, issueTimestampMs, expiryTimestampMs, maxTimestampMs, ...rest } = await this
        .#client
        .send(api.createDelegationToken, version, {
          ownerPrincipalType: version < 3 ? "" : owner[0],
          ownerPrincipalName: version < 3 ? "" : owner[1],
          renewers: renewers.map(([type, name]) => ({
            principalType: type ?? "",
            principalName: name ?? "",
          })),
          maxLifetimeMs,
        });
      Object.assign(held, { id: tokenId, hmac, issuedAtMs: issueTimestampMs });
      return {
        ...rest,
        id: idWords(tokenId),
        hmacBytes: hmac.length,
        issued: issueTimestampMs > 0 ? "(a time)" : issueTimestampMs,
        expires: minutesSince(issueTimestampMs, expiryTimestampMs),
        ends: minutesSince(issueTimestampMs, maxTimestampMs),
      };
    });
    return held;
  }

  async renews(question: string, token: HeldToken, periodMs: number, version = 2): Promise<void> {
    await this.#client.keeps(question, async () => {
      const { expiryTimestampMs, ...rest } = await this.#client.send(api.renewDelegationToken, version, {
        hmac: token.hmac,
        renewPeriodMs: periodMs,
      });
      return { ...rest, expires: minutesSince(token.issuedAtMs, expiryTimestampMs) };
    });
  }

  async expires(question: string, token: HeldToken, periodMs: number, version = 2): Promise<void> {
    await this.#client.keeps(question, async () => {
      const { expiryTimestampMs, ...rest } = await this.#client.send(api.expireDelegationToken, version, {
        hmac: token.hmac,
        expiryTimePeriodMs: periodMs,
      });
      return { ...rest, expires: minutesSince(token.issuedAtMs, expiryTimestampMs) };
    });
  }

  /** Describes the tokens of owners, or all, as far as they are among `tokens`. */
  async sees(
    question: string,
    owners: readonly Named[] | null,
    tokens: Readonly<Record<string, HeldToken>>,
    version = 3,
  ): Promise<void> {
    await this.#client.keeps(question, async () => {
      const answer = await this.#client.send(api.describeDelegationToken, version, {
        owners: owners?.map(([type, name]) => ({ principalType: type ?? "", principalName: name ?? "" })) ??
          null,
      });
      const words = answer.tokens.flatMap((each) => {
        const held = Object.entries(tokens).find(([, { id }]) => id === each.tokenId);
        if (held === undefined) return [];
        const { hmac, issueTimestamp, expiryTimestamp, maxTimestamp } = each;
        const isItself = hmac.toBase64() === held[1].hmac.toBase64() && issueTimestamp === held[1].issuedAtMs;
        return [[
          `${held[0]}${isItself ? "" : " (another?)"}: ${each.principalType}:${each.principalName}'s`,
          `by ${each.tokenRequesterPrincipalType}:${each.tokenRequesterPrincipalName}`,
          `for ${each.renewers.map((renewer) => `${renewer.principalType}:${renewer.principalName}`).join()}`,
          `expires ${minutesSince(issueTimestamp, expiryTimestamp)}`,
          `ends ${minutesSince(issueTimestamp, maxTimestamp)}`,
        ].join(", ")];
      });
      return { errorCode: answer.errorCode, tokens: words };
    });
  }

  /** Waits until all that was changed before can be seen: changes show in their order, and one is made last. */
  async settles(): Promise<void> {
    const { tokenId } = await this.#client.send(api.createDelegationToken, 3, {
      ...{ ownerPrincipalType: null, ownerPrincipalName: null, renewers: [], maxLifetimeMs: -1 },
    });
    await this.#client.until(
      () => this.#client.send(api.describeDelegationToken, 3, { owners: null }),
      ({ tokens }) => tokens.some((token) => token.tokenId === tokenId),
    );
  }
}

function idWords(id: string): string {
  return /^[A-Za-z0-9_-]{22}$/.test(id) ? "(an id)" : id;
}

/** Minutes between two times, in words: brokers need a moment. As it is if it is no time. */
function minutesSince(fromMs: number, toMs: number): string | number {
  return toMs > 1_000_000_000_000 ? `after ${Math.round((toMs - fromMs) / MINUTE_MS)} minutes` : toMs;
}
