/**
 * A broker with everything that protects it switched on: klite or, to see that the suite asks for nothing but Kafka's own
 * behaviour, a real Apache Kafka. Listeners: SASL over TLS, TLS with client certificates, and one without
 * either, which only tells that the broker serves.
 */
import { join } from "node:path";
import { ApacheKafka } from "../../support/apache_kafka.ts";
import { BrokerProcess } from "../../support/broker_process.ts";
import { freePort } from "../../support/broker_ready.ts";
import { CertificateAuthority, type IdentityFiles, writeIdentity } from "../../support/certificates.ts";
import { TokenIssuer } from "../../support/json_web_tokens.ts";
import type { RunningBroker } from "../../support/running_broker.ts";
import { Scraped } from "../../support/scraped.ts";
import type { BrokerKind } from "../restartable.ts";
import type { Credentials } from "./secure_client.ts";

const MECHANISMS = "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER";
const ADMIN = { user: "admin", password: "admin-secret" } as const;
/** A principal is what its certificate calls CN. */
const MAPPING_RULES = "RULE:^CN=([^,]+).*$/$1/,DEFAULT";
const TOKEN_SECRET = "a secret for delegation tokens";
/** So short that most clients have to authenticate again on the way (KIP-368). */
const MAX_REAUTH_MS = 3000;

/** The files of a secured broker and its clients. */
export interface SecureFiles {
  readonly folder: string;
  readonly authority: CertificateAuthority;
  readonly tokens: TokenIssuer;
  /** The authority's certificate. */
  readonly ca: string;
  readonly server: IdentityFiles;
}

/** Ports of the listeners. */
interface Ports {
  readonly sasl: number;
  readonly certificates: number;
  readonly open: number;
  /** Of health and metrics; a real Kafka has none. */
  readonly health: number;
}

/** A running one, with its files. */
export class SecuredBroker implements AsyncDisposable {
  readonly files: SecureFiles;
  readonly #broker: RunningBroker;
  readonly #ports: Ports;

  private constructor(files: SecureFiles, broker: RunningBroker, ports: Ports) {
    this.files = files;
    this.#broker = broker;
    this.#ports = ports;
  }

  static async start(kind: BrokerKind): Promise<SecuredBroker> {
    const folder = await Deno.makeTempDir({ prefix: "klite-secured-" });
    try {
      const files = await makeFiles(folder);
      const ports = { sasl: freePort(), certificates: freePort(), open: freePort(), health: freePort() };
      const broker = await (kind === "klite" ? startKlite(files, ports) : startKafka(files, ports));
      return new SecuredBroker(files, broker, ports);
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
  }

  /** SASL over TLS. */
  get saslBootstrap(): string {
    return `localhost:${this.#ports.sasl}`;
  }

  /** TLS with certificates of both sides. */
  get certificateBootstrap(): string {
    return `localhost:${this.#ports.certificates}`;
  }

  /** Of a super user. */
  get admin(): Credentials {
    return { mechanism: "PLAIN", ...ADMIN };
  }

  log(): string {
    return this.#broker.log();
  }

  /** How often klite's clients have authenticated again. */
  async reauthentications(): Promise<number> {
    const figures = await Scraped.from(this.#ports.health);
    return figures.value("klite_authentications_total", { result: "succeeded_again" });
  }

  /** A file for `--command-config` of Kafka's tools, to come as the super user. */
  async adminConfig(): Promise<string> {
    const file = join(this.files.folder, "admin.properties");
    const properties = {
      "security.protocol": "SASL_SSL",
      "ssl.truststore.type": "PEM",
      "ssl.truststore.location": this.files.ca,
      "sasl.mechanism": "PLAIN",
      "sasl.jaas.config": jaas(
        "plain.PlainLoginModule",
        ` username="${ADMIN.user}" password="${ADMIN.password}"`,
      ),
    };
    const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`);
    await Deno.writeTextFile(file, lines.join(""), { mode: 0o600 });
    return file;
  }

  /** A file with a token. */
  async tokenFile(name: string, token: string): Promise<string> {
    const file = join(this.files.folder, `${name}.jwt`);
    await Deno.writeTextFile(file, token);
    return file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker.stop();
    await Deno.remove(this.files.folder, { recursive: true });
  }
}

async function makeFiles(folder: string): Promise<SecureFiles> {
  const [authority, tokens] = await Promise.all([CertificateAuthority.create(), TokenIssuer.create()]);
  const ca = join(folder, "ca.pem");
  await Deno.writeTextFile(ca, authority.certificate);
  await Deno.writeTextFile(join(folder, "jwks.json"), tokens.jwks);
  await Deno.writeTextFile(join(folder, "admin.password"), `${ADMIN.password}\n`, { mode: 0o600 });
  await Deno.writeTextFile(join(folder, "token.secret"), `${TOKEN_SECRET}\n`, { mode: 0o600 });
  const server = await authority.issue({ subject: "CN=localhost", use: "server" });
  return { folder, authority, tokens, ca, server: await writeIdentity(folder, "server", server) };
}

function startKlite({ folder, ca, server, tokens }: SecureFiles, ports: Ports): Promise<RunningBroker> {
  return BrokerProcess.start({
    port: ports.sasl,
    readyPort: ports.open,
    flags: [
      "--node-id=1",
      `--health-addr=127.0.0.1:${ports.health}`,
      `--advertised-addr=localhost:${ports.sasl}`,
      `--listener=CERTIFICATES=SSL://127.0.0.1:${ports.certificates}`,
      `--advertised-listener=CERTIFICATES=localhost:${ports.certificates}`,
      `--listener=OPEN=PLAINTEXT://127.0.0.1:${ports.open}`,
      `--tls-cert=${server.certificate}`,
      `--tls-key=${server.key}`,
      `--tls-client-ca=${ca}`,
      `--tls-principal-mapping-rules=${MAPPING_RULES}`,
      "--sasl-enabled",
      `--sasl-mechanism=${MECHANISMS}`,
      `--sasl-user=${ADMIN.user}`,
      `--sasl-password-file=${join(folder, "admin.password")}`,
      `--oauth-jwks=${join(folder, "jwks.json")}`,
      `--oauth-issuer=${tokens.issuer}`,
      `--oauth-audience=${tokens.audience}`,
      `--delegation-token-secret-file=${join(folder, "token.secret")}`,
      `--connections-max-reauth=${MAX_REAUTH_MS}ms`,
      "--authorizer=acl",
      `--super-user=User:${ADMIN.user}`,
    ],
  });
}

async function startKafka(files: SecureFiles, ports: Ports): Promise<RunningBroker> {
  const { folder, ca, server, tokens } = files;
  const identity = await Promise.all([server.key, server.certificate].map((path) => Deno.readTextFile(path)));
  await Deno.writeTextFile(join(folder, "server-store.pem"), identity.join(""));
  const keySet = join(folder, "jwks.json");
  const controller = freePort();
  const clients = `PLAINTEXT://127.0.0.1:${ports.open},` +
    `SASL://localhost:${ports.sasl},CERTIFICATES://localhost:${ports.certificates}`;
  return await ApacheKafka.start({
    port: ports.open,
    jvmFlags: [
      "-Xmx512m",
      `-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://${keySet}`,
      `-Dorg.apache.kafka.sasl.oauthbearer.allowed.files=${keySet}`,
    ],
    formatArgs: ["--feature", "eligible.leader.replicas.version=0"],
    properties: {
      "listeners": `${clients},CONTROLLER://127.0.0.1:${controller}`,
      "advertised.listeners": clients,
      "controller.quorum.voters": `1@127.0.0.1:${controller}`,
      "listener.security.protocol.map":
        "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_SSL,CERTIFICATES:SSL",
      ...tlsProperties(ca, join(folder, "server-store.pem")),
      ...saslProperties(tokens, keySet),
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      // The node speaks with itself where nobody has a name.
      "super.users": `User:${ADMIN.user};User:ANONYMOUS`,
      "delegation.token.secret.key": TOKEN_SECRET,
      "connections.max.reauth.ms": String(MAX_REAUTH_MS),
    },
  });
}

function tlsProperties(ca: string, keyStore: string): Record<string, string> {
  return {
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": keyStore,
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": ca,
    "ssl.principal.mapping.rules": MAPPING_RULES,
    "listener.name.certificates.ssl.client.auth": "required",
  };
}

function saslProperties(tokens: TokenIssuer, keySet: string): Record<string, string> {
  const listener = "listener.name.sasl";
  const login = "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler";
  return {
    "sasl.enabled.mechanisms": MECHANISMS,
    [`${listener}.plain.sasl.jaas.config`]: jaas(
      "plain.PlainLoginModule",
      ` user_${ADMIN.user}="${ADMIN.password}"`,
    ),
    [`${listener}.scram-sha-256.sasl.jaas.config`]: jaas("scram.ScramLoginModule"),
    [`${listener}.scram-sha-512.sasl.jaas.config`]: jaas("scram.ScramLoginModule"),
    [`${listener}.oauthbearer.sasl.jaas.config`]: jaas("oauthbearer.OAuthBearerLoginModule"),
    [`${listener}.oauthbearer.sasl.server.callback.handler.class`]: login,
    "sasl.oauthbearer.jwks.endpoint.url": `file://${keySet}`,
    "sasl.oauthbearer.expected.issuer": tokens.issuer,
    "sasl.oauthbearer.expected.audience": tokens.audience,
  };
}

/** What Java's login takes: a module of Kafka's and its options. */
function jaas(module: string, options = ""): string {
  return `org.apache.kafka.common.security.${module} required${options};`;
}
