import { unreachable } from "../../../base/assert.ts";
import type { DelegationToken, TokenRecord, TokenSnapshot } from "./records.ts";

/** The delegation tokens that there are (KIP-48), those among them that have expired and were not swept yet. */
export class DelegationTokens {
  readonly #byId = new Map<string, DelegationToken>();
  readonly #countByRequester = new Map<string, number>();
  #characters = 0;

  get(id: string): DelegationToken | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<DelegationToken> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Those that somebody has asked for, for whomever. */
  countOf(requester: string): number {
    return this.#countByRequester.get(requester) ?? 0;
  }

  /** Of the names in all of them: what their memory depends on. */
  get characters(): number {
    return this.#characters;
  }

  apply(record: TokenRecord): void {
    switch (record.type) {
      case "delegation_token_set": {
        const { type: _, ...token } = record;
        return this.#set(token);
      }
      case "delegation_tokens_removed":
        for (const id of record.ids) this.#remove(id);
        return;
      default:
        unreachable(record);
    }
  }

  snapshot(): TokenSnapshot {
    return [...this.#byId.values()];
  }

  static restore(snapshot: TokenSnapshot): DelegationTokens {
    const restored = new DelegationTokens();
    for (const token of snapshot) restored.#set(token);
    return restored;
  }

  #set(token: DelegationToken): void {
    this.#remove(token.id);
    this.#byId.set(token.id, token);
    this.#countByRequester.set(token.requester, this.countOf(token.requester) + 1);
    this.#characters += charactersOf(token);
  }

  #remove(id: string): void {
    const token = this.#byId.get(id);
    if (token === undefined) return;
    this.#byId.delete(id);
    this.#characters -= charactersOf(token);
    const left = this.countOf(token.requester) - 1;
    if (left === 0) this.#countByRequester.delete(token.requester);
    else this.#countByRequester.set(token.requester, left);
  }
}

/** Of the names in a token. */
export function charactersOf(
  { owner, requester, renewers }: Pick<DelegationToken, "owner" | "requester" | "renewers">,
): number {
  return renewers.reduce((sum, renewer) => sum + renewer.length, owner.length + requester.length);
}
