import { equalSecrets } from "../../base/bytes.ts";
import type { Random } from "../../io/random.ts";
import type { UserSource } from "../credentials.ts";
import type { Derivations } from "../derivations.ts";
import type { ScramMechanism } from "../mechanisms.ts";
import type { Decoys } from "../scram/decoys.ts";
import { hmac, saltedPassword, type ScramCredential, scramKeys } from "../scram/keys.ts";

/** Users whose passwords need not be derived again to be checked. */
const REMEMBERED_MAX = 1000;
const KEY_BYTES = 32;

/** What checking passwords takes. */
export interface PasswordCheckParts {
  readonly users: UserSource;
  readonly decoys: Decoys;
  readonly derivations: Derivations;
  readonly random: Random;
}

/** A password that was right, as a digest by a key that nobody else has, and the credential that it was right for. */
interface Remembered {
  readonly storedKey: Uint8Array;
  readonly digest: Uint8Array;
}

/**
 * Checks passwords against credentials of SCRAM, so that all users can come by PLAIN too and no password has to be
 * kept. That a user does not exist takes as long to find out as that a password is wrong.
 */
export class PasswordCheck {
  readonly #users: UserSource;
  readonly #decoys: Decoys;
  readonly #derivations: Derivations;
  /** For digests of passwords that were right. */
  readonly #key: Uint8Array<ArrayBuffer>;
  readonly #remembered = new Map<string, Remembered>();

  constructor({ users, decoys, derivations, random }: PasswordCheckParts) {
    this.#users = users;
    this.#decoys = decoys;
    this.#derivations = derivations;
    this.#key = new Uint8Array(random.bytes(KEY_BYTES));
  }

  /** `unknown` and `wrong` are for the log alone. Rejects as {@link Derivations.run} does. */
  async check(user: string, password: string, gone?: AbortSignal): Promise<"right" | "wrong" | "unknown"> {
    const { mechanism, credential, isKnown } = await this.#credential(user);
    const digest = await hmac(
      "SCRAM-SHA-256",
      this.#key,
      new TextEncoder().encode(JSON.stringify([user, password])),
    );
    const remembered = this.#remembered.get(user);
    if (
      remembered !== undefined && isKnown && equalSecrets(remembered.storedKey, credential.storedKey) &&
      equalSecrets(remembered.digest, digest)
    ) return "right";
    const storedKey = await this.#derive(mechanism, password, credential, gone);
    if (!equalSecrets(storedKey, credential.storedKey) || !isKnown) return isKnown ? "wrong" : "unknown";
    this.#remember(user, { storedKey, digest });
    return "right";
  }

  async #credential(user: string): Promise<
    { readonly mechanism: ScramMechanism; readonly credential: ScramCredential; readonly isKnown: boolean }
  > {
    // The decoy is made for all: what takes longer tells as much as what is answered.
    const decoy = await this.#decoys.credential(user, "SCRAM-SHA-256");
    for (const mechanism of ["SCRAM-SHA-256", "SCRAM-SHA-512"] as const) {
      const credential = await this.#users.find(user, mechanism);
      if (credential !== undefined) return { mechanism, credential, isKnown: true };
    }
    return { mechanism: "SCRAM-SHA-256", credential: decoy, isKnown: false };
  }

  #derive(
    mechanism: ScramMechanism,
    password: string,
    { salt, iterations }: ScramCredential,
    gone: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    return this.#derivations.run(async () => {
      const salted = await saltedPassword(mechanism, password, salt, iterations);
      return (await scramKeys(mechanism, salted)).storedKey;
    }, gone);
  }

  #remember(user: string, remembered: Remembered): void {
    this.#remembered.delete(user);
    this.#remembered.set(user, remembered);
    if (this.#remembered.size <= REMEMBERED_MAX) return;
    for (const oldest of this.#remembered.keys()) {
      this.#remembered.delete(oldest);
      return;
    }
  }
}
