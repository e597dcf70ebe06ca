import { api } from "../api.ts";
import type { Peer } from "../peer.ts";

export const SHA_256 = 1;
export const SHA_512 = 2;

/** What is to become of a user's credential; what is not said is as it should be. */
export interface Upsertion {
  readonly mechanism?: number;
  readonly iterations?: number;
  readonly salt?: string;
  readonly saltedPassword?: Uint8Array;
}

/** Somebody who makes users, and looks at them. */
export class UserAdmin {
  readonly #peer: Peer;
  #markers = 0;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  /** Sets credentials of users, in this order. */
  sets(question: string, ...upsertions: readonly [user: string, upsertion: Upsertion][]) {
    return this.alters(question, [], upsertions);
  }

  removes(question: string, ...deletions: readonly [user: string, mechanism: number][]) {
    return this.alters(question, deletions, []);
  }

  async alters(
    question: string,
    deletions: readonly [user: string, mechanism: number][],
    upsertions: readonly [user: string, upsertion: Upsertion][],
  ): Promise<void> {
    await this.#peer.ask(question, api.alterUserScramCredentials, 0, {
      deletions: deletions.map(([user, mechanism]) => ({ name: this.#named(user), mechanism })),
      upsertions: upsertions.map(([user, upsertion]) => entry(this.#named(user), upsertion)),
    });
  }

  /** Describes these users, or all, once all that was changed before can be seen. */
  async shows(question: string, users: readonly string[] | null): Promise<void> {
    await this.#settle();
    await this.#peer.ask(question, api.describeUserScramCredentials, 0, {
      users: users?.map((user) => ({ name: this.#named(user) })) ?? null,
    });
  }

  /** Changes show in the order in which they were made, so one that can be waited for is made last. */
  async #settle(): Promise<void> {
    const name = `marker ${Math.random()} ${this.#markers++}`;
    await this.#peer.send(api.alterUserScramCredentials, 0, { deletions: [], upsertions: [entry(name, {})] });
    await this.#peer.until(
      () => this.#peer.send(api.describeUserScramCredentials, 0, { users: [{ name }] }),
      ({ results }) => results.every(({ errorCode }) => errorCode === 0),
    );
  }

  #named(user: string): string {
    return user === "" ? "" : this.#peer.unique(user);
  }
}

function entry(name: string, upsertion: Upsertion) {
  const { mechanism = SHA_256, iterations = 4096, salt = "salt", saltedPassword = new Uint8Array(32) } =
    upsertion;
  return { name, mechanism, iterations, salt: new TextEncoder().encode(salt), saltedPassword };
}
