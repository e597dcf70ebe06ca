/**
 * A broker with everything that protects it switched on. Kafka's own tools make its users, rights, quotas and tokens, and
 * print what they print of a real Kafka; then clients come at once, with passwords, certificates, tokens of an identity
 * provider and delegation tokens. Who has none of these, or somebody else's, is refused.
 */
import { kafkaJars } from "../../support/kafka_jars.ts";
import { CertificateAuthority, writeIdentity } from "../../support/certificates.ts";
import { inParallel, messageOf, type Outcome, type OutcomeReport } from "../outcome.ts";
import type { BrokerKind } from "../restartable.ts";
import { compareAnswers, readAnswers } from "../tools/compare.ts";
import { USERS } from "./conversation.ts";
import { PLACES, playSecurityTools } from "./play.ts";
import {
  type Credentials,
  SECURE_CLIENTS,
  SecureClient,
  type SecureClientKind,
  type SecureJob,
} from "./secure_client.ts";
import { SecuredBroker } from "./secured_broker.ts";

/** What is run, with a broker of its own. */
export interface SecuritySuiteOptions {
  readonly kind: BrokerKind;
  /** Names of clients. */
  readonly clients: readonly string[];
  readonly isQuick: boolean;
  /** Told of every step that is done. */
  readonly progress: (line: string) => void;
}

const RECORDS = 20;
/** Longer than a client may go without authenticating again. */
const LASTS_MS = 7_000;
/** Clients that are at work at the same time. */
const CONCURRENCY = 2;

/** One thing that a client tries. */
interface Attempt {
  readonly check: string;
  readonly expected: "read" | "refused";
  readonly credentials: Credentials;
  readonly action?: "token";
  /** For some clients only. */
  readonly only?: string;
}

/** Runs it. */
export async function runSecuritySuite(options: SecuritySuiteOptions): Promise<OutcomeReport> {
  const { kind, clients, progress } = options;
  const title = "Secured listeners";
  const chosen = SECURE_CLIENTS.filter(({ name }) => clients.includes(name));
  const { version } = await kafkaJars();
  await using broker = await SecuredBroker.start(kind);
  const outcomes: Outcome[] = [];
  try {
    const expected = await readAnswers(new URL("answers.json", import.meta.url));
    outcomes.push(
      ...compareAnswers(await playSecurityTools(broker), { expected, unlike: new Map(), version }, progress),
    );
    progress(
      `tools: ${outcomes.filter(({ failure }) => failure === null).length} of ${outcomes.length} runs`,
    );
    const attempts = await attemptsOf(broker);
    await inParallel(chosen, CONCURRENCY, async (client) => {
      outcomes.push(...await tryAll(client, attempts, broker, options));
    });
    const isLong = kind === "klite" && !options.isQuick;
    outcomes.push(
      { subject: "broker", version: "", check: "keeps secrets", failure: await leaked(broker, attempts) },
      ...isLong ? [await authenticatedAgain(broker, chosen.length, progress)] : [],
    );
  } catch (error) {
    outcomes.push({ subject: "all", version, check: "runs", failure: messageOf(error) });
  }
  if (outcomes.some(({ failure }) => failure !== null)) {
    progress(`the broker said:\n${broker.log().slice(-4_000)}`);
  }
  return { title, outcomes, notes: new Map() };
}

async function attemptsOf(broker: SecuredBroker): Promise<Attempt[]> {
  const { folder, authority, tokens } = broker.files;
  const subject = "O=klite,OU=clients,CN=erin";
  const other = await CertificateAuthority.create("somebody else");
  const erin = await writeIdentity(folder, "erin", await authority.issue({ subject, use: "client" }));
  const forged = await writeIdentity(folder, "forged", await other.issue({ subject, use: "client" }));
  const tokenFile = await broker.tokenFile("frank", await tokens.token("frank"));
  const expired = { iat: seconds(-7200), exp: seconds(-3600) };
  const expiredFile = await broker.tokenFile("expired", await tokens.token("frank", { claims: expired }));
  const alice = { mechanism: "SCRAM-SHA-256", user: "alice", password: USERS.alice } as const;
  const bob = { mechanism: "SCRAM-SHA-512", user: "bob", password: USERS.bob } as const;
  const attempt = (check: string, expected: Attempt["expected"], credentials: Credentials): Attempt => ({
    ...{ check, expected, credentials },
  });
  return [
    attempt("SCRAM-SHA-256", "read", alice),
    attempt("SCRAM-SHA-512", "read", bob),
    attempt("mutual TLS", "read", erin),
    attempt("OAUTHBEARER", "read", { mechanism: "OAUTHBEARER", tokenFile }),
    attempt("a wrong password", "refused", { ...alice, password: "a guess" }),
    attempt("a forged certificate", "refused", forged),
    // Kafka's own client looks at the token before it sends it.
    {
      ...attempt("an expired token", "refused", { mechanism: "OAUTHBEARER", tokenFile: expiredFile }),
      only: "franz-go",
    },
    { ...attempt("a delegation token", "read", alice), action: "token", only: "kafka-clients" },
  ];
}

function seconds(fromNow: number): number {
  return Math.floor(Date.now() / 1000) + fromNow;
}

async function tryAll(
  { name, prepare }: SecureClientKind,
  attempts: readonly Attempt[],
  broker: SecuredBroker,
  { isQuick, progress }: SecuritySuiteOptions,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let version = "?";
  try {
    const program = await prepare();
    version = program.version;
    await using client = new SecureClient(program);
    for (const attempt of attempts) {
      if (attempt.only !== undefined && attempt.only !== name) continue;
      const { outcome, detail } = await client.run(
        jobOf(attempt, name, broker, isQuick ? 0 : LASTS_MS),
      );
      const failure = outcome === attempt.expected ? null : `${outcome}: ${detail}`;
      progress(`${name}, ${attempt.check}: ${failure ?? outcome}`);
      outcomes.push({ subject: name, version, check: attempt.check, failure });
    }
  } catch (error) {
    outcomes.push({ subject: name, version, check: "runs", failure: messageOf(error) });
  }
  return outcomes;
}

function jobOf(
  { check, credentials, action }: Attempt,
  client: string,
  broker: SecuredBroker,
  lastsMs: number,
): SecureJob {
  const mark = `${client} ${check} `.replaceAll(/[^a-zA-Z0-9-]+/g, "-");
  return {
    ...credentials,
    ...(action === undefined ? {} : { action }),
    bootstrap: credentials.mechanism === undefined ? broker.certificateBootstrap : broker.saslBootstrap,
    ca: broker.files.ca,
    topic: PLACES.topic,
    group: `${PLACES.groups}${mark}`,
    mark,
    records: RECORDS,
    lastsMs,
  };
}

/** Whether clients have authenticated again as often as they had to at least, over SASL by three ways each. */
async function authenticatedAgain(
  broker: SecuredBroker,
  clients: number,
  progress: SecuritySuiteOptions["progress"],
): Promise<Outcome> {
  const times = await broker.reauthentications();
  progress(`clients have authenticated again ${times} times`);
  const failure = times >= 3 * clients ? null : `${times} times for ${clients} clients`;
  return { subject: "broker", version: "", check: "clients authenticate again", failure };
}

/** Which secret stands in the broker's log; `null` when none does. */
async function leaked(broker: SecuredBroker, attempts: readonly Attempt[]): Promise<string | null> {
  const log = broker.log();
  const secrets: string[] = [];
  for (const { password, tokenFile } of [...attempts.map(({ credentials }) => credentials), broker.admin]) {
    if (password !== undefined) secrets.push(password);
    if (tokenFile !== undefined) secrets.push(await Deno.readTextFile(tokenFile));
  }
  const found = secrets.find((secret) => log.includes(secret));
  return found === undefined ? null : `its log has ${found}`;
}
