import type { UserSource } from "../credentials.ts";
import type { ScramMechanism } from "../mechanisms.ts";
import type { Decoys } from "../scram/decoys.ts";
import { deriveCredential, ITERATIONS_MIN, type ScramCredential } from "../scram/keys.ts";

/** What is made of passwords, and with whose salts. */
export interface DerivedUsersOptions {
  readonly mechanisms: readonly ScramMechanism[];
  readonly decoys: Decoys;
}

/**
 * Users that the operator has given with their passwords, by name. All is derived before anybody logs in: no password
 * is kept, and no user is known by taking longer the first time. Salts are those that they would have if they did
 * not exist.
 */
export async function deriveUsers(
  passwords: ReadonlyMap<string, string>,
  { mechanisms, decoys }: DerivedUsersOptions,
): Promise<UserSource> {
  const credentials = new Map<string, ScramCredential>();
  for (const [user, password] of passwords) {
    for (const mechanism of mechanisms) {
      const salt = await decoys.salt(user, mechanism);
      const credential = await deriveCredential(mechanism, password, salt, ITERATIONS_MIN);
      credentials.set(`${mechanism} ${user}`, credential);
    }
  }
  return { find: (user, mechanism) => credentials.get(`${mechanism} ${user}`) };
}
