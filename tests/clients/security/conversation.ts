/**
 * What Kafka's tools for users, rights, quotas and tokens are asked: the same of klite and of a real Kafka. It ends with
 * the users and the rights that the clients of the suite then come with.
 */
import { toolOf, type ToolRun } from "../tools/tool_run.ts";

/** Whom and what the tools are asked about. */
export interface SecurityScene {
  readonly bootstrap: string;
  /** For `--command-config`: a super user. */
  readonly admin: string;
  /** The topic of those clients, and what the names of their groups begin with. */
  readonly topic: string;
  readonly groups: string;
}

/** Stands in a run's words for the HMAC of the token that was made last. */
export const LAST_HMAC = "LAST-HMAC";

/** Users with their passwords, of every kind. */
export const USERS = {
  alice: "alice-secret",
  bob: "bob=secret,with signs",
  carol: "carol-secret",
} as const;

const CONFIGS = "kafka.admin.ConfigCommand";
const ACLS = "org.apache.kafka.tools.AclCommand";
const TOKENS = "org.apache.kafka.tools.DelegationTokenCommand";

/** In this order: later ones see what earlier ones have changed. */
export function securityRuns(scene: SecurityScene): ToolRun[] {
  return [...userRuns(scene), ...quotaRuns(scene), ...aclRuns(scene), ...tokenRuns(scene)];
}

function userRuns({ bootstrap, admin }: SecurityScene): ToolRun[] {
  const configs = toolOf("configs", CONFIGS, bootstrap);
  const users = (...args: string[]) => configs("--command-config", admin, "--entity-type", "users", ...args);
  const alter = (name: string, how: string, what: string) =>
    users("--alter", "--entity-name", name, `--${how}-config`, what);
  return [
    alter("alice", "add", `SCRAM-SHA-256=[iterations=8192,password=${USERS.alice}]`),
    alter("bob", "add", `SCRAM-SHA-512=[password=${USERS.bob}]`),
    alter(
      "carol",
      "add",
      `SCRAM-SHA-256=[password=${USERS.carol}],SCRAM-SHA-512=[password=${USERS.carol}]`,
    ),
    alter("carol", "add", `SCRAM-SHA-256=[password=${USERS.carol}]`),
    alter("carol", "add", `SCRAM-SHA-512=[password=${USERS.carol}]`),
    users("--describe", "--entity-name", "alice"),
    users("--describe"),
    alter("carol", "delete", "SCRAM-SHA-256"),
    alter("carol", "delete", "SCRAM-SHA-256"),
    users("--describe", "--entity-name", "carol"),
    alter("alice", "add", `SCRAM-SHA-256=[iterations=4095,password=${USERS.alice}]`),
    alter("alice", "add", `SCRAM-SHA-256=[iterations=16385,password=${USERS.alice}]`),
    users("--describe", "--entity-name", "nobody"),
  ];
}

function quotaRuns({ bootstrap, admin }: SecurityScene): ToolRun[] {
  const configs = toolOf("configs", CONFIGS, bootstrap);
  const quotas = (...args: string[]) => configs("--command-config", admin, ...args);
  const alter = (entity: readonly string[], what: string) =>
    quotas("--alter", ...entity, "--add-config", what);
  const user = ["--entity-type", "users", "--entity-name", "dave"];
  const everyUser = ["--entity-type", "users", "--entity-default"];
  const client = ["--entity-type", "clients", "--entity-name", "reports"];
  const both = [...user, ...client];
  const address = ["--entity-type", "ips", "--entity-name", "127.0.0.9"];
  return [
    alter(user, "producer_byte_rate=1048576,consumer_byte_rate=2097152"),
    alter(everyUser, "request_percentage=150"),
    alter(client, "controller_mutation_rate=5.5"),
    alter(both, "producer_byte_rate=524288"),
    alter(address, "connection_creation_rate=100"),
    quotas("--describe", ...user),
    quotas("--describe", "--entity-type", "users"),
    quotas("--describe", "--entity-type", "clients"),
    quotas("--describe", ...both),
    quotas("--describe", "--entity-type", "users", "--entity-type", "clients"),
    quotas("--describe", "--entity-type", "ips"),
    quotas("--alter", ...user, "--delete-config", "consumer_byte_rate"),
    quotas("--describe", ...user),
    quotas("--alter", ...user, "--add-config", "no_such_rate=1"),
    quotas("--alter", ...address, "--add-config", "producer_byte_rate=1"),
    ...[user, both, everyUser].map((entity) =>
      quotas(
        ...["--alter", ...entity],
        ...["--delete-config", entity === everyUser ? "request_percentage" : "producer_byte_rate"],
      )
    ),
    quotas("--describe", "--entity-type", "users"),
  ];
}

function aclRuns({ bootstrap, admin, topic, groups }: SecurityScene): ToolRun[] {
  const acls = toolOf("acls", ACLS, bootstrap);
  const tool = (...args: string[]) => acls("--command-config", admin, ...args);
  const add = (...args: string[]) => tool("--add", ...args);
  return [
    tool("--list"),
    ...["alice", "bob", "carol"].map((user) =>
      add("--allow-principal", `User:${user}`, "--producer", "--topic", topic)
    ),
    add(
      ...["--allow-principal", "User:*", "--consumer", "--topic", topic],
      ...["--group", groups, "--resource-pattern-type", "prefixed"],
    ),
    add("--allow-principal", "User:erin", "--producer", "--topic", topic, "--idempotent"),
    add("--allow-principal", "User:frank", "--producer", "--topic", topic),
    add("--deny-principal", "User:mallory", "--operation", "All", "--topic", "*"),
    add("--allow-principal", "User:*", "--allow-host", "127.0.0.2", "--operation", "Describe", "--cluster"),
    add("--allow-principal", "User:gone", "--operation", "Read", "--topic", "gone"),
    tool("--list"),
    tool("--list", "--topic", topic),
    tool("--list", "--topic", `${topic}-more`, "--resource-pattern-type", "match"),
    tool("--list", "--topic", topic, "--resource-pattern-type", "any"),
    tool("--list", "--principal", "User:mallory"),
    tool("--list", "--group", groups, "--resource-pattern-type", "prefixed"),
    tool("--list", "--cluster"),
    tool("--remove", "--force", "--allow-principal", "User:gone", "--operation", "Read", "--topic", "gone"),
    tool("--remove", "--force", "--cluster"),
    tool("--remove", "--force", "--topic", "never"),
    tool("--list", "--topic", "gone"),
    add("--allow-principal", "nobody", "--operation", "Read", "--topic", topic),
  ];
}

function tokenRuns({ bootstrap, admin }: SecurityScene): ToolRun[] {
  const tokens = toolOf("delegation-tokens", TOKENS, bootstrap);
  const tool = (...args: string[]) => tokens("--command-config", admin, ...args);
  const last = ["--hmac", LAST_HMAC];
  return [
    tool("--create", "--max-life-time-period", "-1", "--renewer-principal", "User:alice"),
    tool("--describe"),
    tool("--describe", "--owner-principal", "User:alice"),
    tool("--renew", "--renew-time-period", "-1", ...last),
    tool("--expire", "--expiry-time-period", "-1", ...last),
    tool("--renew", "--renew-time-period", "-1", ...last),
    tool("--describe"),
    tool("--expire", "--expiry-time-period", "-1", "--hmac", "bm8tc3VjaC10b2tlbg=="),
  ];
}
