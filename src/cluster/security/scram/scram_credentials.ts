import { unreachable } from "../../../base/assert.ts";
import type { ScramCredential, ScramMechanism, ScramRecord, ScramSnapshot } from "./records.ts";

/** Users that clients have made (KIP-554), each with a credential for one mechanism or both. */
export class ScramCredentials {
  readonly #byUser = new Map<string, Map<ScramMechanism, ScramCredential>>();

  get(user: string, mechanism: ScramMechanism): ScramCredential | undefined {
    return this.#byUser.get(user)?.get(mechanism);
  }

  /** Those of a user; none when there is no such user. */
  of(user: string): ScramCredential[] {
    return [...this.#byUser.get(user)?.values() ?? []];
  }

  has(user: string): boolean {
    return this.#byUser.has(user);
  }

  users(): IterableIterator<string> {
    return this.#byUser.keys();
  }

  get userCount(): number {
    return this.#byUser.size;
  }

  apply(record: ScramRecord): void {
    switch (record.type) {
      case "scram_credential_set": {
        const { type: _, ...credential } = record;
        return this.#set(credential);
      }
      case "scram_credential_removed": {
        const credentials = this.#byUser.get(record.user);
        credentials?.delete(record.mechanism);
        if (credentials?.size === 0) this.#byUser.delete(record.user);
        return;
      }
      default:
        unreachable(record);
    }
  }

  snapshot(): ScramSnapshot {
    return [...this.#byUser.values()].flatMap((credentials) => [...credentials.values()]);
  }

  static restore(snapshot: ScramSnapshot): ScramCredentials {
    const restored = new ScramCredentials();
    for (const credential of snapshot) restored.#set(credential);
    return restored;
  }

  #set(credential: ScramCredential): void {
    let credentials = this.#byUser.get(credential.user);
    if (credentials === undefined) this.#byUser.set(credential.user, credentials = new Map());
    credentials.set(credential.mechanism, credential);
  }
}
