/** Where a broker with few permissions lives: its folders, its secrets, its bucket, and how it is started there. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/broker_ready.ts";
import { CertificateAuthority, writeIdentity } from "../support/certificates.ts";
import { TokenIssuer } from "../support/json_web_tokens.ts";
import { S3Server } from "../support/s3_server.ts";
import { ServerProcess } from "../support/server_process.ts";
import { type PermissionSet, type Places, taskWith } from "./permission_set.ts";
import { RestrictedBroker } from "./restricted_broker.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const READY_MS = 30_000;

/** Who may log in, and do everything. */
export const USER = { name: "alice", password: "alice-secret" } as const;
/** What metrics are answered for. */
export const HEALTH_TOKEN = "a-token-for-metrics";

/** One such place; brokers are started in it one after the other. */
export class PrivilegeWorld implements AsyncDisposable {
  readonly folder: string;
  readonly authority: CertificateAuthority;
  readonly tokens: TokenIssuer;
  readonly store: S3Server;
  readonly #ports = { kafka: freePort(), health: freePort() };

  private constructor(
    folder: string,
    authority: CertificateAuthority,
    tokens: TokenIssuer,
    store: S3Server,
  ) {
    this.folder = folder;
    this.authority = authority;
    this.tokens = tokens;
    this.store = store;
  }

  static async open(): Promise<PrivilegeWorld> {
    const folder = await Deno.makeTempDir({ prefix: "klite-privilege-" });
    const authority = await CertificateAuthority.create();
    const tokens = await TokenIssuer.create();
    const secrets = join(folder, "secrets");
    await Deno.mkdir(secrets);
    const server = await authority.issue({ subject: "CN=localhost", use: "server" });
    await writeIdentity(secrets, "server", server);
    const files = {
      "ca.pem": authority.certificate,
      "users": `${USER.name}:${USER.password}\n`,
      "jwks.json": tokens.jwks,
      "tokens.key": "a secret for delegation tokens\n",
      "health.token": `${HEALTH_TOKEN}\n`,
    };
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(secrets, name), text, { mode: 0o600 });
    }
    return new PrivilegeWorld(folder, authority, tokens, await S3Server.start());
  }

  /** What deno.json calls by its names. */
  get places(): Places {
    return new Map([
      ["0.0.0.0:9092", `0.0.0.0:${this.#ports.kafka}`],
      ["127.0.0.1:8080", `127.0.0.1:${this.#ports.health}`],
      ["klite-records.s3.us-east-1.amazonaws.com:443", `127.0.0.1:${this.store.port}`],
      ["data", join(this.folder, "data")],
      ["secrets", join(this.folder, "secrets")],
    ]);
  }

  /**
   * Starts a broker with this set and no more, everything switched on, by variables: what a flag says no variable is
   * asked for. Waits until its health says that it serves.
   */
  async start(set: PermissionSet): Promise<RestrictedBroker> {
    const scratch = await Deno.makeTempDir({ dir: this.folder });
    const auditFile = join(scratch, "audit.jsonl");
    const { command, variables } = await taskWith(set, this.places, scratch);
    const process = ServerProcess.spawn({
      command,
      env: { ...this.store.env, ...variables, ...this.#settings(), DENO_AUDIT_PERMISSIONS: auditFile },
      cwd: ROOT,
      logFile: join(scratch, "broker.log"),
    });
    const broker = new RestrictedBroker(process, auditFile, this.#ports);
    try {
      await broker.untilReady(READY_MS);
      return broker;
    } catch (error) {
      await process.kill();
      throw new Error(`the broker does not start; it said:\n${process.logTail()}`, { cause: error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }

  #settings(): Record<string, string> {
    const secret = (name: string) => join(this.folder, "secrets", name);
    return {
      KLITE_DATA_DIR: join(this.folder, "data"),
      KLITE_S3_BUCKET: this.store.bucket,
      KLITE_S3_ENDPOINT: this.store.endpoint,
      KLITE_S3_FLUSH_INTERVAL: "1s",
      KLITE_S3_FLUSH_CHECK_INTERVAL: "200ms",
      KLITE_WAL_SEGMENT_MAX_BYTES: "8MiB",
      KLITE_WAL_MAX_DISK_SIZE: "32MiB",
      KLITE_TLS_CERT: secret("server.pem"),
      KLITE_TLS_KEY: secret("server.key"),
      KLITE_TLS_CLIENT_CA: secret("ca.pem"),
      KLITE_SASL_ENABLED: "true",
      KLITE_SASL_MECHANISM: "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
      KLITE_SASL_USERS_FILE: secret("users"),
      KLITE_OAUTH_JWKS: secret("jwks.json"),
      KLITE_OAUTH_ISSUER: this.tokens.issuer,
      KLITE_OAUTH_AUDIENCE: this.tokens.audience,
      KLITE_DELEGATION_TOKEN_SECRET_FILE: secret("tokens.key"),
      KLITE_HEALTH_TOKEN_FILE: secret("health.token"),
      KLITE_AUTHORIZER: "acl",
      KLITE_SUPER_USER: `User:${USER.name}`,
    };
  }
}
