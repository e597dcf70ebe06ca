import type { Clock } from "../../io/clock.ts";
import type { ClusterState } from "../../cluster/mod.ts";
import type { QuotaEnforcer } from "./enforcer.ts";

/** What is there of quotas when none is set: the question whether there are any. */
export class QuotaGate {
  readonly #state: ClusterState;
  readonly #clock: Clock;
  #loading: Promise<void> | undefined;
  #enforcer: QuotaEnforcer | null = null;

  private constructor(state: ClusterState, clock: Clock) {
    this.#state = state;
    this.#clock = clock;
  }

  /** The gate of an engine's clients. */
  static async open(
    { state, clock }: { readonly state: ClusterState; readonly clock: Clock },
  ): Promise<QuotaGate> {
    const gate = new QuotaGate(state, clock);
    if (state.security.quotas.size > 0) await gate.load();
    return gate;
  }

  /** Who holds clients to their quotas; `null` as long as there are none. */
  get enforcer(): QuotaEnforcer | null {
    return this.#enforcer === null || this.#state.security.quotas.size === 0 ? null : this.#enforcer;
  }

  /** What clients had to pause for, by what was used up, since the start; `null` when there was no quota ever since. */
  get figures(): QuotaEnforcer["figures"] | null {
    return this.#enforcer?.figures ?? null;
  }

  /** Connections that may come from an address in a second; `null` when there is no such quota. */
  connectionsPerSecond(address: string): number | null {
    return this.enforcer?.connectionsPerSecond(address) ?? null;
  }

  /** To be awaited before a quota is set. Idempotent. */
  load(): Promise<void> {
    return this.#loading ??= import("./enforcer.ts").then(({ QuotaEnforcer }) => {
      this.#enforcer = new QuotaEnforcer(this.#state.security.quotas, this.#clock);
    });
  }
}
