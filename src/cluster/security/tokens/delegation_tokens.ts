import { unreachable } from "../../../base/assert.ts";
import type { DelegationToken, TokenRecord, TokenSnapshot } from "./records.ts";

/** The delegation tokens that there are (KIP-48). */
export class DelegationTokens {
  readonly #byId = new Map<string, DelegationToken>();

  get(id: string): DelegationToken | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<DelegationToken> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  apply(record: TokenRecord): void {
    switch (record.type) {
      case "delegation_token_set": {
        const { type: _, ...token } = record;
        this.#byId.set(token.id, token);
        return;
      }
      case "delegation_tokens_removed":
        for (const id of record.ids) this.#byId.delete(id);
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
    for (const token of snapshot) restored.#byId.set(token.id, token);
    return restored;
  }
}
