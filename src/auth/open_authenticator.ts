import { KliteError } from "../base/klite_error.ts";
import type { Secret } from "../base/secret.ts";
import type { Http } from "../io/http.ts";
import { readSecret } from "../io/files.ts";
import type { Random } from "../io/random.ts";
import { SaslAuthenticator } from "./authenticator.ts";
import { firstOf, type TokenSource, type UserSource } from "./credentials.ts";
import type { Authenticator } from "./exchange.ts";
import type { SaslMechanism, ScramMechanism } from "./mechanisms.ts";
import { type KeySource, openKeyFile, RemoteKeys } from "./oauth/key_sets.ts";
import type { TokenVerifier } from "./oauth/token_verifier.ts";
import { Decoys } from "./scram/decoys.ts";
import { type DerivedUsersOptions, deriveUsers } from "./users/derived_users.ts";
import { openUsersFile } from "./users/users_file.ts";
import type { WatchedFileIo } from "./watched_file.ts";

/** What the operator decides about authentication. */
export interface AuthenticatorSettings {
  readonly mechanisms: readonly SaslMechanism[];
  /** A user of the operator's own; `null` for none. */
  readonly user: { readonly name: string; readonly password: Secret | { readonly file: string } } | null;
  /** More of them, in a file; `null` for none. */
  readonly usersFile: string | null;
  /** Needed for OAUTHBEARER. */
  readonly oauth: {
    /** A file, or a URL. */
    readonly keys: string;
    readonly issuer: string | null;
    readonly audiences: readonly string[];
    readonly principalClaim: string;
  } | null;
}

/** What it works with. */
export interface AuthenticatorIo extends WatchedFileIo {
  readonly random: Random;
  readonly http: Http;
}

/** Whom the broker itself knows. */
export interface AuthenticatorSources {
  /** Users that clients have made. */
  readonly users: UserSource;
  readonly tokens: TokenSource;
  /** What no client knows, and what stays the same over restarts. */
  readonly decoyKey: Uint8Array;
}

/** Not written as an import: what is belongs to the program from its first moment, and with it the library's memory. */
type JwtFile = typeof import("./oauth/jwt_verifier.ts");
const JWT = new URL("./oauth/jwt_verifier.ts", import.meta.url).href;

/** @throws KliteError for files that cannot be read, or say what makes no sense. */
export async function openSaslAuthenticator(
  settings: AuthenticatorSettings,
  sources: AuthenticatorSources,
  io: AuthenticatorIo,
): Promise<Authenticator> {
  const decoys = new Decoys(sources.decoyKey);
  const users: UserSource[] = [sources.users];
  const options = { decoys, mechanisms: derivedMechanisms(settings.mechanisms) };
  if (settings.usersFile !== null) users.unshift(await openUsersFile(settings.usersFile, io, options));
  if (settings.user !== null) users.unshift(await flagUser(settings.user, io, options));
  return new SaslAuthenticator(settings.mechanisms, {
    users: firstOf(users),
    tokens: sources.tokens,
    decoys,
    random: io.random,
    verifier: settings.oauth === null ? null : await openVerifier(settings.oauth, io),
  });
}

/** PLAIN checks passwords by the first of the mechanisms of SCRAM. */
function derivedMechanisms(mechanisms: readonly SaslMechanism[]): ScramMechanism[] {
  const derived: ScramMechanism[] = [];
  if (mechanisms.includes("SCRAM-SHA-256") || mechanisms.includes("PLAIN")) derived.push("SCRAM-SHA-256");
  if (mechanisms.includes("SCRAM-SHA-512")) derived.push("SCRAM-SHA-512");
  return derived;
}

async function flagUser(
  { name, password }: NonNullable<AuthenticatorSettings["user"]>,
  { files }: AuthenticatorIo,
  options: DerivedUsersOptions,
): Promise<UserSource> {
  const text = "file" in password ? await readSecret(files, password.file) : password.reveal();
  if (text === "") throw new KliteError("BAD_CONFIG", `the password of --sasl-user is empty`);
  return await deriveUsers(new Map([[name, text]]), options);
}

async function openVerifier(
  { keys, ...demands }: NonNullable<AuthenticatorSettings["oauth"]>,
  io: AuthenticatorIo,
): Promise<TokenVerifier> {
  const { JwtVerifier }: JwtFile = await import(JWT);
  return new JwtVerifier(await openKeys(keys, io), demands, io.clock);
}

async function openKeys(place: string, io: AuthenticatorIo): Promise<KeySource> {
  if (!/^https?:\/\//i.test(place)) return await openKeyFile(place, io);
  const keys = new RemoteKeys(place, io);
  // A provider that is away must not keep the broker from starting: events say so, and the first login asks again.
  void keys.current();
  return keys;
}
