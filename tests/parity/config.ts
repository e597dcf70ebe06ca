import { ANONYMOUS } from "../../src/base/principal.ts";
import type { BrokerConfig } from "../../src/broker/mod.ts";
import type { Chapter } from "./scenario.ts";
import { SESSION_MS } from "./scenarios/authentication.ts";
import { REQUESTERS } from "./matrix/requesters.ts";
import { passwordOf, REQUESTERS_FILE, TOKEN_SECRET, TOKEN_SECRET_FILE, USERS, USERS_FILE } from "./users.ts";

/** How both brokers are set up for a chapter that others would disturb. Kafka has a second listener, where users log in. */
export interface Setting {
  readonly kafka: Readonly<Record<string, string>>;
  /** Users log in at its first listener; the other, which is for whoever need not, is on that port. */
  readonly klite: (plainPort: number) => Partial<BrokerConfig>;
}

/** Settings of a klite that scenarios are played to: what takes minutes elsewhere takes moments here. */
export const KLITE_CONFIG: Partial<BrokerConfig> = {
  groupMinSessionTimeoutMs: 50,
  groupInitialRebalanceDelayMs: 0,
  groupMaxSize: 4,
  groupConsumerMaxSize: 4,
  groupConsumerSessionTimeoutMs: 2000,
  groupConsumerHeartbeatIntervalMs: 200,
  groupConsumerAssignmentIntervalMs: 0,
};

/** All of it for a chapter; `plainPort` is for whoever need not log in, where others must. */
export function kliteConfig({ setting, config }: Chapter, plainPort: number): Partial<BrokerConfig> {
  return { ...KLITE_CONFIG, ...setting?.klite(plainPort), ...config };
}

/** The same for Apache Kafka. */
export const KAFKA_PROPERTIES: Readonly<Record<string, string>> = {
  "offsets.topic.num.partitions": "1",
  "transaction.state.log.num.partitions": "1",
  "group.min.session.timeout.ms": "50",
  "group.max.size": "4",
  "group.consumer.max.size": "4",
  "group.consumer.min.session.timeout.ms": "100",
  "group.consumer.session.timeout.ms": "2000",
  "group.consumer.min.heartbeat.interval.ms": "50",
  "group.consumer.heartbeat.interval.ms": "200",
  // Seldom, because Kafka then also forgets groups without offsets, while a member is about to join.
  "offsets.retention.check.interval.ms": "4000",
  "transaction.abort.timed.out.transaction.cleanup.interval.ms": "100",
  "group.coordinator.append.linger.ms": "0",
  "group.consumer.assignment.interval.ms": "0",
};

const jaas = (module: string, words = "") =>
  `org.apache.kafka.common.security.${module} required${words === "" ? "" : ` ${words}`};`;

/** Logs users in with PLAIN. */
const plainLogin = (users: readonly string[]) =>
  jaas("plain.PlainLoginModule", users.map((user) => `user_${user}="${passwordOf(user)}"`).join(" "));

/** Users that log in with PLAIN, and no delegation tokens. */
export const WITH_USERS: Setting = {
  kafka: {
    "listener.name.sasl.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256",
    "listener.name.sasl.plain.sasl.jaas.config": plainLogin(USERS),
    "listener.name.sasl.scram-sha-256.sasl.jaas.config": jaas("scram.ScramLoginModule"),
  },
  klite: (port) => ({
    moreListeners: [{ name: "PLAINTEXT", protocol: "PLAINTEXT", address: { host: "127.0.0.1", port } }],
    saslEnabled: true,
    saslMechanisms: ["PLAIN", "SCRAM-SHA-256"],
    saslUsersFile: USERS_FILE,
  }),
};

/** The same, who have to log in again and again. */
export const WITH_SESSIONS: Setting = {
  kafka: { ...WITH_USERS.kafka, "connections.max.reauth.ms": String(SESSION_MS) },
  klite: (port) => ({ ...WITH_USERS.klite(port), connectionsMaxReauthMs: SESSION_MS }),
};

/** The same with delegation tokens, as Kafka has them unless told otherwise. */
export const WITH_TOKENS: Setting = {
  kafka: { ...WITH_USERS.kafka, "delegation.token.secret.key": TOKEN_SECRET },
  klite: (port) => ({ ...WITH_USERS.klite(port), tokenSecretFile: TOKEN_SECRET_FILE }),
};

/** Users whose rights are those of ACLs; whoever need not log in is an administrator. */
export const WITH_ACLS: Setting = {
  kafka: {
    ...WITH_USERS.kafka,
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": ANONYMOUS.text,
  },
  klite: (port) => ({ ...WITH_USERS.klite(port), authorizer: "acl", superUsers: [ANONYMOUS] }),
};

/** The same, where everybody may do everything to what no ACL is about. */
export const WITH_ACLS_OR_NONE: Setting = {
  kafka: { ...WITH_ACLS.kafka, "allow.everyone.if.no.acl.found": "true" },
  klite: (port) => ({ ...WITH_ACLS.klite(port), allowIfNoAcl: true }),
};

/** Users of the matrix of rights, their ACLs, and delegation tokens. */
export const WITH_RIGHTS: Setting = {
  kafka: {
    ...WITH_ACLS.kafka,
    ...WITH_TOKENS.kafka,
    "listener.name.sasl.plain.sasl.jaas.config": plainLogin([
      ...USERS,
      ...REQUESTERS.map(({ name }) => name),
    ]),
    "group.consumer.session.timeout.ms": "45000",
  },
  klite: (port) => ({
    ...WITH_TOKENS.klite(port),
    ...WITH_ACLS.klite(port),
    saslUsersFile: REQUESTERS_FILE,
    groupConsumerSessionTimeoutMs: 45_000,
  }),
};
