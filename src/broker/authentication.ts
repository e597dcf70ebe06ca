import {
  type Authenticator,
  type AuthenticatorIo,
  type AuthenticatorSettings,
  openAuthenticator,
  type TokenSource,
  type UserSource,
} from "../auth/mod.ts";
import { asksForSasl, usesTls } from "../base/listener.ts";
import type { Engine } from "../engine/mod.ts";
import type { EventSink } from "../io/events.ts";
import type { BrokerConfig } from "./config.ts";
import { listenerPlans } from "./listeners.ts";

/** What a broker with SASL is told of whom it knows. */
export interface AuthenticationParts {
  readonly engine: Engine;
  /** `null` when there are no delegation tokens. */
  readonly tokens: TokenSource | null;
  /** What no client knows, and what stays the same over restarts. */
  readonly decoyKey: Uint8Array;
}

/**
 * How clients authenticate over SASL.
 * @throws KliteError for files of secrets, users and keys that cannot be read, or say what makes no sense.
 */
export async function brokerAuthenticator(
  config: BrokerConfig,
  { engine, tokens, decoyKey }: AuthenticationParts,
  io: AuthenticatorIo,
): Promise<Authenticator> {
  warnOfClear(config, io.events);
  const noTokens: TokenSource = { credential: () => undefined };
  const sources = { users: usersOf(engine), tokens: tokens ?? noTokens, decoyKey };
  return await openAuthenticator(authenticatorSettings(config), sources, io);
}

/** With SCRAM what goes over the connection is of no use to anybody else. */
function warnOfClear(config: BrokerConfig, events: EventSink): void {
  for (const listener of listenerPlans(config)) {
    if (!asksForSasl(listener) || usesTls(listener)) continue;
    for (const mechanism of config.saslMechanisms) {
      if (mechanism.startsWith("SCRAM")) continue;
      events({ type: "credentials_in_clear", listener: listener.name, mechanism });
    }
  }
}

/** Those that clients have made, with AlterUserScramCredentials (KIP-554). */
function usersOf(engine: Engine): UserSource {
  return {
    find(user, mechanism) {
      const credential = engine.state.security.scram.get(user, mechanism);
      return credential === undefined ? undefined : {
        iterations: credential.iterations,
        salt: Uint8Array.fromBase64(credential.salt),
        storedKey: Uint8Array.fromBase64(credential.storedKey),
        serverKey: Uint8Array.fromBase64(credential.serverKey),
      };
    },
  };
}

function authenticatorSettings(config: BrokerConfig): AuthenticatorSettings {
  const { saslUser: name, saslPassword, saslPasswordFile, oauthJwks: keys } = config;
  const password = saslPasswordFile === null ? saslPassword : { file: saslPasswordFile };
  return {
    mechanisms: config.saslMechanisms,
    user: name === null || password === null ? null : { name, password },
    usersFile: config.saslUsersFile,
    oauth: keys === null ? null : {
      keys,
      issuer: config.oauthIssuer,
      audiences: config.oauthAudiences,
      principalClaim: config.oauthPrincipalClaim,
    },
  };
}
