import { boolean, choice, principalList } from "./kinds.ts";
import type { OptionTable } from "./option.ts";

/** The options of `klite start` about who may do what. */
export const aclOptions = {
  authorizer: {
    flag: "authorizer",
    kind: choice(["none", "acl"]),
    default: "none",
    group: "Security",
    help: "Whether what clients may do is decided by ACLs, or everybody may do everything.",
    more:
      "With `acl` klite decides as Kafka's StandardAuthorizer does: what no ACL allows is forbidden, and an ACL that " +
      "denies counts more than any that allows. ACLs are made with `kafka-acls` or any admin client, kept in the log, and in force at once. " +
      "Somebody has to make the first one: name them with `--super-user`. Without authentication every client is `User:ANONYMOUS`.",
  },
  superUsers: {
    flag: "super-user",
    kind: principalList,
    default: "",
    defaultWords: "none",
    group: "Security",
    help: "A principal that may do everything, such as User:admin; may be repeated.",
    more:
      "With `--authorizer acl`; super.users of Kafka. The variable takes several, separated by semicolons.",
    repeatable: true,
  },
  allowIfNoAcl: {
    flag: "allow-if-no-acl",
    kind: boolean,
    default: "false",
    group: "Security",
    help: "Let everybody do everything to what no ACL is about: allow.everyone.if.no.acl.found of Kafka.",
    more:
      "With `--authorizer acl`. The first ACL about a topic then shuts out everybody else from it, and a topic that " +
      "nobody has thought of is open: a way into ACLs for a cluster that has none, not a state to stay in.",
  },
} as const satisfies OptionTable;
