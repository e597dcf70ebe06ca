import type { KliteEvent } from "../../src/io/events.ts";
import type { Http } from "../../src/io/http.ts";
import { SimClock } from "../../src/io/sim/clock.ts";
import { SimFiles } from "../../src/io/sim/files.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import type {
  AuthenticatorIo,
  ScramMechanism,
  TokenCredential,
  TokenSource,
  UserSource,
} from "../../src/auth/mod.ts";
import { Derivations } from "../../src/auth/derivations.ts";
import { Decoys } from "../../src/auth/scram/decoys.ts";
import { deriveCredential, ITERATIONS_MIN, type ScramCredential } from "../../src/auth/scram/keys.ts";

/** All that authentication reaches, in a test's hands. */
export class AuthWorld implements AuthenticatorIo {
  readonly clock = new SimClock();
  readonly random = new SimRandom(7);
  readonly files = new SimFiles(this.clock);
  readonly seen: KliteEvent[] = [];
  readonly events = (event: KliteEvent): void => void this.seen.push(event);
  /** What stands at every URL; `null` for nothing. */
  document: Uint8Array<ArrayBuffer> | null = null;
  /** How often it was asked for. */
  asked = 0;
  readonly http: Http = {
    serve: () => {
      throw new Error("nobody serves");
    },
    get: () => Promise.reject(new Error("nobody asks")),
    document: () => {
      this.asked++;
      return this.document === null
        ? Promise.reject(new Error("the provider is away"))
        : Promise.resolve(this.document);
    },
  };
  readonly decoys = new Decoys(new Uint8Array(16).fill(9));
  readonly derivations = new Derivations();
  readonly users = new KnownUsers();
  readonly tokens = new KnownTokens();
}

/** Users that clients have made. */
export class KnownUsers implements UserSource {
  readonly #credentials = new Map<string, ScramCredential>();

  async add(user: string, password: string, mechanism: ScramMechanism = "SCRAM-SHA-256"): Promise<void> {
    const salt = new TextEncoder().encode("1f4s3cv4b6y7n8m9k2l1p0o9i8");
    this.#credentials.set(
      `${mechanism} ${user}`,
      await deriveCredential(mechanism, password, salt, ITERATIONS_MIN),
    );
  }

  remove(user: string, mechanism: ScramMechanism = "SCRAM-SHA-256"): void {
    this.#credentials.delete(`${mechanism} ${user}`);
  }

  find(user: string, mechanism: ScramMechanism): ScramCredential | undefined {
    return this.#credentials.get(`${mechanism} ${user}`);
  }
}

/** Delegation tokens by id. */
export class KnownTokens implements TokenSource {
  readonly byId = new Map<string, TokenCredential>();

  credential(id: string): TokenCredential | undefined {
    return this.byId.get(id);
  }
}
