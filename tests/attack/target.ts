/** The broker that is attacked, who may log in there, and how to reach it. */
import { join } from "node:path";
import { BrokerProcess } from "../support/broker_process.ts";
import { freePort } from "../support/broker_ready.ts";
import { CertificateAuthority, type Identity, writeIdentity } from "../support/certificates.ts";
import { TokenIssuer } from "../support/json_web_tokens.ts";
import { authenticateScram, type ScramMechanism } from "../support/sasl_client.ts";
import { WireClient } from "../support/wire_client.ts";

/** A user whose password attackers would like to know. */
export const ALICE = { user: "alice", password: "correct horse battery staple" } as const;
/** One whose password an attacker knows, and who may do nothing. */
export const MALLORY = { user: "mallory", password: "mallory-secret" } as const;

/** More than these connections do not wait for their authentication side by side. */
const UNAUTHENTICATED_MAX = 100;

const MECHANISMS = "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER";
const TOKEN_SECRET = "what delegation tokens are made with";

/** It runs until it is disposed of. */
export class Target implements AsyncDisposable {
  readonly broker: BrokerProcess;
  readonly authority: CertificateAuthority;
  readonly tokens: TokenIssuer;
  /** Listeners: SASL without TLS, SASL over TLS, TLS with certificates of clients. */
  readonly ports: { readonly sasl: number; readonly saslTls: number; readonly certificates: number };
  readonly #folder: string;

  private constructor(
    broker: BrokerProcess,
    authority: CertificateAuthority,
    tokens: TokenIssuer,
    ports: Target["ports"],
    folder: string,
  ) {
    this.broker = broker;
    this.authority = authority;
    this.tokens = tokens;
    this.ports = ports;
    this.#folder = folder;
  }

  static async start(): Promise<Target> {
    const folder = await Deno.makeTempDir({ prefix: "klite-attack-" });
    const [authority, tokens] = await Promise.all([CertificateAuthority.create(), TokenIssuer.create()]);
    const server = await authority.issue({ subject: "CN=localhost", use: "server" });
    const { certificate, key } = await writeIdentity(folder, "server", server);
    const file = async (name: string, text: string) => {
      await Deno.writeTextFile(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    const users = [ALICE, MALLORY].map(({ user, password }) => `${user}:${password}\n`).join("");
    const ports = { sasl: freePort(), saslTls: freePort(), certificates: freePort() };
    const broker = await BrokerProcess.start({
      port: ports.saslTls,
      readyPort: ports.sasl,
      flags: [
        `--listener=INSIDE=SASL_PLAINTEXT://127.0.0.1:${ports.sasl}`,
        `--listener=CERTIFICATES=SSL://127.0.0.1:${ports.certificates}`,
        `--tls-cert=${certificate}`,
        `--tls-key=${key}`,
        `--tls-client-ca=${await file("ca.pem", authority.certificate)}`,
        "--sasl-enabled",
        `--sasl-mechanism=${MECHANISMS}`,
        `--sasl-users-file=${await file("users", users)}`,
        `--oauth-jwks=${await file("jwks.json", tokens.jwks)}`,
        `--oauth-issuer=${tokens.issuer}`,
        `--oauth-audience=${tokens.audience}`,
        `--delegation-token-secret-file=${await file("tokens.key", TOKEN_SECRET)}`,
        `--max-connections-unauthenticated=${UNAUTHENTICATED_MAX}`,
        // Without it Kafka, and klite, let nobody authenticate again.
        "--connections-max-reauth=1h",
        "--authorizer=acl",
        `--super-user=User:${ALICE.user}`,
      ],
    });
    return new Target(broker, authority, tokens, ports, folder);
  }

  /** A client of the listener without TLS that has yet to authenticate. */
  stranger(): Promise<WireClient> {
    return WireClient.connect(this.ports.sasl);
  }

  /** Alice, logged in. */
  async alice(mechanism: ScramMechanism = "SCRAM-SHA-256"): Promise<WireClient> {
    const client = await this.stranger();
    const { answer } = await authenticateScram(client, { mechanism, ...ALICE });
    if (answer.errorCode !== 0) throw new Error(`alice is refused: ${answer.errorMessage}`);
    return client;
  }

  /** A connection to a listener with TLS. */
  connectTls(port: number, identity?: Identity): Promise<Deno.TlsConn> {
    const own = identity === undefined ? {} : { cert: identity.certificate, key: identity.key };
    const caCerts = [this.authority.certificate];
    return Deno.connectTls({ hostname: "127.0.0.1", port, caCerts, ...own });
  }

  /** A client over it. */
  async overTls(port: number, identity?: Identity): Promise<WireClient> {
    return new WireClient(await this.connectTls(port, identity));
  }

  /** What must not stand in any log. */
  get secrets(): readonly string[] {
    return [ALICE.password, MALLORY.password, TOKEN_SECRET];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.broker.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
