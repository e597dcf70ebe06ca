import {
  AclOperation,
  AclPattern,
  AclPermission,
  AclResource,
} from "../../../src/cluster/security/acls/acl_codes.ts";
import { zeroUuid } from "../../../src/protocol/mod.ts";
import { AclAdmin, type AclFields, type FilterFields } from "../actors/acl_admin.ts";
import { api } from "../api.ts";
import type { Client } from "../client.ts";
import type { Peer } from "../peer.ts";
import { loneScenario, type Scenario, scenario } from "../scenario.ts";

const { TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID, DELEGATION_TOKEN, USER } = AclResource;
const { LITERAL, PREFIXED, MATCH } = AclPattern;
const { DENY } = AclPermission;
const { ALL, READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, ALTER_CONFIGS, DESCRIBE_CONFIGS } = AclOperation;
/** More than Kafka makes or deletes at once. */
const TOO_MANY = 10_001;
const COORDINATOR_LOAD_IN_PROGRESS = 14;

const life: readonly Scenario[] = [1, 2, 3].map((version) =>
  scenario(`ACLs come and go at version ${version}`, async (peer) => {
    const admin = new AclAdmin(peer, { version });
    await admin.shows("before");
    await admin.creates("one", {});
    await admin.shows("with one");
    await admin.creates("the same again", {});
    await admin.creates("another of the same pattern", { operation: WRITE, permissionType: DENY });
    await admin.creates("of a prefix", { resourcePatternType: PREFIXED });
    await admin.shows("with three");
    await admin.deletes("the first", { operation: READ, patternTypeFilter: LITERAL });
    await admin.shows("with two");
    await admin.deletes("the first again", { operation: READ, patternTypeFilter: LITERAL });
    await admin.deletes("all", {});
    await admin.shows("behind");
  })
);

/** ACLs about everything that ACLs can be about. */
function many(peer: Peer): AclFields[] {
  return [
    { host: "10.1.2.3" },
    { resourceName: peer.unique("t-1"), operation: ALL },
    { resourcePatternType: PREFIXED, operation: WRITE, permissionType: DENY },
    { resourceName: peer.unique("t").slice(0, 1), resourcePatternType: PREFIXED, operation: DESCRIBE },
    { resourceName: "*", operation: CREATE },
    { resourceName: "*", resourcePatternType: PREFIXED, operation: DELETE },
    { resourceType: GROUP, resourceName: peer.unique("g") },
    { resourceType: CLUSTER, resourceName: "kafka-cluster", operation: ALTER },
    {
      resourceType: TRANSACTIONAL_ID,
      resourceName: peer.unique("t"),
      operation: AclOperation.TWO_PHASE_COMMIT,
    },
    { resourceType: DELEGATION_TOKEN, resourceName: peer.unique("t"), operation: DESCRIBE },
    { resourceType: USER, resourceName: peer.unique("t"), operation: AclOperation.CREATE_TOKENS },
  ];
}

const filters = scenario("filters of all kinds", async (peer) => {
  const admin = new AclAdmin(peer);
  const name = peer.unique("t");
  await admin.creates("many", ...many(peer));
  await admin.settle();
  const show = (question: string, filter: FilterFields) =>
    peer.ask(question, api.describeAcls, 3, admin.filter(filter));
  for (let code = 0; code <= 8; code++) await show(`resource type ${code}`, { resourceTypeFilter: code });
  for (let code = 0; code <= 16; code++) await show(`operation ${code}`, { operation: code });
  for (let code = 0; code <= 4; code++) await show(`permission ${code}`, { permissionType: code });
  for (let patternTypeFilter = 0; patternTypeFilter <= 5; patternTypeFilter++) {
    const names = { "one name": name, "a longer one": `${name}-1`, "another": peer.unique("t-1") };
    for (const [words, resourceNameFilter] of Object.entries(names)) {
      await show(`pattern ${patternTypeFilter} of ${words}`, { patternTypeFilter, resourceNameFilter });
    }
    for (const resourceNameFilter of [null, "t", "s", "*", "*x", "kafka-cluster", ""]) {
      await show(`pattern ${patternTypeFilter} of "${resourceNameFilter}"`, {
        patternTypeFilter,
        resourceNameFilter,
      });
    }
  }
  await show("a topic that fits", {
    resourceTypeFilter: TOPIC,
    patternTypeFilter: MATCH,
    resourceNameFilter: name,
  });
  for (const hostFilter of ["*", "10.1.2.3", "10.1.2.4", ""]) {
    await show(`host ${hostFilter}`, { hostFilter });
  }
  for (const principalFilter of ["User:*", "User", ""]) {
    await show(`principal ${principalFilter}`, { principalFilter, resourceNameFilter: name });
  }
  await show("a principal in small letters", { principalFilter: admin.principal.toLowerCase() });
  for (const code of [-128, -1, 127]) {
    await show(`resource type ${code}`, { resourceTypeFilter: code });
    await show(`operation ${code}`, { operation: code });
    await show(`permission ${code}`, { permissionType: code });
    await show(`pattern ${code}`, { patternTypeFilter: code });
  }
});

const refused = scenario("ACLs that there can be, and those that there cannot", async (peer) => {
  const admin = new AclAdmin(peer);
  for (const code of [-128, -1, 0, 1, 8, 127]) {
    await admin.creates(`resource type ${code}`, { resourceType: code });
    await admin.creates(`pattern type ${code}`, { resourcePatternType: code });
    await admin.creates(`operation ${code}`, { operation: code });
    await admin.creates(`permission ${code}`, { permissionType: code });
  }
  for (const code of [2, 5]) await admin.creates(`pattern type ${code}`, { resourcePatternType: code });
  await admin.creates("operation 16", { operation: 16 });
  await admin.creates("permission 4", { permissionType: 4 });
  await admin.creates("no name", { resourceName: "" });
  await admin.creates("no name and no such type", { resourceName: "", resourceType: 9 });
  await admin.creates("no such cluster", { resourceType: CLUSTER, operation: CREATE });
  await admin.creates("any cluster", { resourceType: CLUSTER, resourceName: "*", operation: CREATE });
  await admin.creates("a part of the cluster's name", {
    resourceType: CLUSTER,
    resourceName: "kafka",
    resourcePatternType: PREFIXED,
    operation: CREATE,
  });
  await admin.creates("the cluster's name as a prefix", {
    resourceType: CLUSTER,
    resourceName: "kafka-cluster",
    resourcePatternType: PREFIXED,
    operation: CREATE,
  });
  await admin.creates("an operation that clusters do not have", {
    resourceType: CLUSTER,
    resourceName: "kafka-cluster",
    operation: READ,
  });
  await admin.creates("a name that no topic has", { resourceName: `${peer.unique("t")} / ä` });
  await admin.creates("a long name", { resourceName: peer.unique("t").padEnd(300, "x") });
  for (const principal of ["", "alice", ":alice", ":", "User:", "User:*", "Group:x", "User:a:b", "user:a"]) {
    await admin.creates(`principal "${principal}"`, { resourceName: peer.unique("p"), principal });
  }
  for (const host of ["", "localhost", "999.1.1.1", "::1", "10.0.0.0/8"]) {
    await admin.creates(`host "${host}"`, { resourceName: peer.unique("h"), host });
  }
  await admin.creates("nothing");
  await admin.creates("the same twice", { operation: ALTER }, { operation: ALTER });
  await admin.creates("right and wrong", { operation: DELETE }, { resourceName: "" }, { operation: ALL });
  await admin.creates("right and open", { operation: CREATE }, { operation: AclOperation.ANY });
  await admin.creates("wrong in two ways", { resourceName: "", operation: 99 }, {
    permissionType: 9,
    operation: 99,
  });
  await admin.shows("all of them");
  await admin.shows("those of principals", { principalFilter: null, resourceNameFilter: peer.unique("p") });
});

const deletions = scenario("ACLs are deleted by filters", async (peer) => {
  const admin = new AclAdmin(peer);
  const name = peer.unique("t");
  await admin.creates("many", ...many(peer));
  await admin.settle();
  await admin.deletes("nothing");
  await admin.deletes("what there is not", { operation: AclOperation.IDEMPOTENT_WRITE });
  await admin.deletes("twice the same", { resourceTypeFilter: GROUP }, { resourceTypeFilter: GROUP });
  await admin.deletes(
    "what overlaps",
    { resourceTypeFilter: TRANSACTIONAL_ID },
    { resourceNameFilter: name, resourceTypeFilter: TRANSACTIONAL_ID },
    { operation: AclOperation.IDEMPOTENT_WRITE },
  );
  for (const code of [-1, 0, 9, 127]) {
    await admin.deletes(`resource type ${code}`, { resourceTypeFilter: code });
    await admin.deletes(`pattern type ${code}`, { patternTypeFilter: code });
    await admin.deletes(`permission ${code}`, { permissionType: code });
  }
  for (const code of [-1, 0, 16, 127]) await admin.deletes(`operation ${code}`, { operation: code });
  await admin.deletes("right and wrong", { resourceTypeFilter: USER }, { operation: 99 });
  await admin.shows("what is left of it");
  await admin.deletes("all that a topic fits", {
    resourceTypeFilter: TOPIC,
    patternTypeFilter: MATCH,
    resourceNameFilter: `${name}-1`,
  });
  await admin.shows("then");
  await admin.deletes("the rest", {});
  await admin.shows("at last");
});

const limits = loneScenario("as many ACLs as one request may make, and more", async (peer) => {
  const admin = new AclAdmin(peer);
  const acls = Array.from(
    { length: TOO_MANY },
    (_, index) => admin.acl({ resourceName: peer.unique(`t${index}`) }),
  );
  const create = async (question: string, count: number) => {
    await peer.keeps(question, async () => {
      const { results } = await peer.send(api.createAcls, 3, { creations: acls.slice(0, count) });
      return { codes: [...new Set(results.map(({ errorCode }) => errorCode))] };
    });
    await admin.settle();
  };
  const remove = async (question: string) => {
    await peer.keeps(question, async () => {
      const { filterResults } = await peer.send(api.deleteAcls, 3, { filters: [admin.filter()] });
      return filterResults.map(({ errorCode, matchingAcls }) => ({ errorCode, count: matchingAcls.length }));
    });
    await admin.settle();
  };
  const count = async (question: string) => {
    await peer.keeps(question, async () => {
      const { resources } = await peer.send(api.describeAcls, 3, admin.filter());
      return { count: resources.length };
    });
  };
  await create("too many", TOO_MANY);
  await count("too many at once");
  await create("just so many", TOO_MANY - 1);
  await count("as many as one request makes");
  await create("one more, among those that there are", TOO_MANY);
  await count("one more");
  await remove("all of them");
  await count("still there");
  await peer.send(api.deleteAcls, 3, { filters: [admin.filter({ resourceNameFilter: peer.unique("t0") })] });
  await admin.settle();
  await remove("one less");
  await count("at last");
});

/** Asks for a producer's id until it is the answer, or refused for good. */
function producerIdOf(user: Client) {
  return user.until(
    () => user.send(api.initProducerId, 4, { transactionalId: null, transactionTimeoutMs: 1000 }),
    ({ errorCode }) => errorCode !== COORDINATOR_LOAD_IN_PROGRESS,
  );
}

/** What a user may do to topics, groups and the cluster, as the broker sees it. */
async function rights(question: string, peer: Peer, user: Client): Promise<void> {
  const topics = ["orders", "orders-1"].map((word) => peer.unique(word));
  await user.keeps(question, async () => {
    const [metadata, groups, cluster, producer] = [
      await user.send(api.metadata, 12, {
        topics: topics.map((name) => ({ name, topicId: zeroUuid })),
        allowAutoTopicCreation: false,
        includeClusterAuthorizedOperations: false,
        includeTopicAuthorizedOperations: true,
      }),
      await user.send(api.describeGroups, 5, { groups: topics, includeAuthorizedOperations: true }),
      await user.send(api.describeCluster, 0, {
        includeClusterAuthorizedOperations: true,
        includeFencedBrokers: false,
      }),
      await producerIdOf(user),
    ];
    return {
      topics: Object.fromEntries(
        metadata.topics.map((topic) => [topic.name, topic.topicAuthorizedOperations]),
      ),
      groups: Object.fromEntries(
        groups.groups.map(({ groupId, authorizedOperations }) => [groupId, authorizedOperations]),
      ),
      cluster: cluster.clusterAuthorizedOperations,
      writesSomewhere: producer.errorCode,
    };
  });
}

const decided: readonly Scenario[] = [
  loneScenario("what ACLs add up to", async (peer) => {
    const admin = new AclAdmin(peer, { principal: "User:alice" });
    const alice = peer.user("alice");
    const bob = peer.user("bob");
    const name = (await peer.topic("orders")).name;
    const other = (await peer.topic("orders-1")).name;
    const of = (question: string) => rights(question, peer, alice);
    const asked: readonly (readonly [question: string, ...acls: AclFields[]])[] = [
      ["nothing"],
      ...[READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS, ALL].map((
        operation,
      ) => [`operation ${operation}`, { resourceName: name, operation }] as const),
      ["of a prefix", { resourceName: name, resourcePatternType: PREFIXED }],
      ["of a longer prefix", { resourceName: `${name}-`, resourcePatternType: PREFIXED }],
      ["of any", { resourceName: "*" }],
      ["of a prefix that is a star", { resourceName: "*", resourcePatternType: PREFIXED }],
      ["from this host", { resourceName: name, host: "127.0.0.1" }],
      ["from another host", { resourceName: name, host: "127.0.0.2" }],
      ["denied what is allowed", { resourceName: name, operation: ALL }, {
        resourceName: name,
        permissionType: DENY,
      }],
      ["denied for a prefix", { resourceName: name, operation: ALL }, {
        resourceName: name.slice(0, 3),
        resourcePatternType: PREFIXED,
        operation: WRITE,
        permissionType: DENY,
      }],
      ["denied for any", { resourceName: "*", permissionType: DENY }, { resourceName: name }, {
        resourceName: name,
        operation: WRITE,
      }],
      ["all is denied", { resourceName: name, operation: ALL, permissionType: DENY }, { resourceName: "*" }],
      ["to look is denied, to read is not", { resourceName: name, operation: ALL }, {
        resourceName: name,
        operation: DESCRIBE,
        permissionType: DENY,
      }],
      ["denied from another host", { resourceName: name }, {
        resourceName: name,
        permissionType: DENY,
        host: "10.0.0.1",
      }],
      ["groups", { resourceType: GROUP, resourceName: name }, {
        resourceType: GROUP,
        resourceName: other,
        operation: ALL,
      }],
      ["the cluster", { resourceType: CLUSTER, resourceName: "kafka-cluster", operation: ALL }],
      ["to look at the cluster", {
        resourceType: CLUSTER,
        resourceName: "kafka-cluster",
        operation: DESCRIBE,
      }],
      ["to alter the cluster", { resourceType: CLUSTER, resourceName: "kafka-cluster", operation: ALTER }],
      ["to write without duplicates", {
        resourceType: CLUSTER,
        resourceName: "kafka-cluster",
        operation: AclOperation.IDEMPOTENT_WRITE,
      }],
    ];
    for (const [question, ...acls] of asked) {
      await admin.sets(...acls);
      await of(question);
    }
    await admin.sets();
    const everybody = new AclAdmin(peer, { principal: "User:*" });
    await everybody.sets({ resourceName: name });
    await of("for everybody");
    await rights("for everybody", peer, bob);
    await admin.sets({ resourceName: name, permissionType: DENY });
    await of("for everybody else");
    await rights("for everybody else", peer, bob);
    await admin.sets();
    for (const principal of ["Group:*", "Group:alice", "user:alice", "User:Alice"]) {
      const odd = new AclAdmin(peer, { principal });
      await everybody.sets();
      await odd.sets({ resourceName: name });
      await of(`for ${principal}`);
      await odd.sets();
    }
  }),

  loneScenario("whether there is anything to write to", async (peer) => {
    const admin = new AclAdmin(peer, { principal: "User:alice" });
    const alice = peer.user("alice");
    const write = { resourceName: "orders", operation: WRITE };
    const denied = { ...write, permissionType: DENY };
    const prefix = { resourcePatternType: PREFIXED };
    const asked: readonly (readonly [question: string, ...acls: AclFields[]])[] = [
      ["a topic", write],
      ["any operation on it", { ...write, operation: ALL }],
      ["a prefix", { ...write, ...prefix }],
      ["a transactional id", { ...write, resourceType: TRANSACTIONAL_ID }],
      ["a topic that is denied", write, denied],
      ["all of whose operations are denied", write, { ...denied, operation: ALL }],
      ["that may not be read", write, { ...denied, operation: READ }],
      ["a topic of a prefix that is denied", write, { ...denied, ...prefix, resourceName: "o" }],
      ["a prefix that is denied", { ...write, ...prefix }, { ...denied, ...prefix }],
      ["a prefix within one that is denied", { ...write, ...prefix }, {
        ...denied,
        ...prefix,
        resourceName: "or",
      }],
      ["a prefix, part of which is denied", { ...write, ...prefix }, {
        ...denied,
        ...prefix,
        resourceName: "orders-",
      }],
      ["a prefix, one topic of which is denied", { ...write, ...prefix }, denied],
      ["any topic", { ...write, resourceName: "*" }],
      ["any topic but one", { ...write, resourceName: "*" }, denied],
      ["any topic but those of a prefix", { ...write, resourceName: "*" }, { ...denied, ...prefix }],
      ["a topic where all are denied", write, { ...denied, resourceName: "*" }],
      ["a topic, from elsewhere", { ...write, host: "10.0.0.1" }],
      ["a topic that is denied elsewhere", write, { ...denied, host: "10.0.0.1" }],
    ];
    for (const [question, ...acls] of asked) {
      await admin.sets(...acls);
      await alice.keeps(question, async () => ({ errorCode: (await producerIdOf(alice)).errorCode }));
    }
    await admin.sets();
  }),

  loneScenario("ACLs are for those who may see or change them", async (peer) => {
    const admin = new AclAdmin(peer, { principal: "User:alice" });
    const alice = peer.user("alice");
    const attempt = async (words: string) => {
      const acl = { resourceName: peer.unique("t"), principal: "User:carol" };
      await alice.askEach(
        `describe ${words}`,
        api.describeAcls,
        [1, 3],
        () => admin.filter({ principalFilter: "User:dave" }),
      );
      await alice.askEach(`create ${words}`, api.createAcls, [1, 3], () => ({
        creations: [admin.acl(acl), admin.acl({ ...acl, operation: WRITE })],
      }));
      await alice.ask(`create none ${words}`, api.createAcls, 3, { creations: [] });
      await alice.ask(`create what cannot be ${words}`, api.createAcls, 3, {
        creations: [admin.acl({ resourceName: "" })],
      });
      const filter = admin.filter({ principalFilter: "User:carol", resourceNameFilter: peer.unique("t") });
      await admin.settle();
      await alice.askEach(`delete ${words}`, api.deleteAcls, [1, 3], () => ({ filters: [filter] }));
      await admin.settle();
    };
    const cluster = { resourceType: CLUSTER, resourceName: "kafka-cluster" };
    await admin.sets();
    await attempt("without rights");
    for (const operation of [DESCRIBE, ALTER, READ, ALL]) {
      await admin.sets({ ...cluster, operation });
      await attempt(`with operation ${operation}`);
    }
    await admin.sets({ ...cluster, operation: ALL }, { ...cluster, operation: ALTER, permissionType: DENY });
    await attempt("with ALTER denied");
    await admin.sets();
  }),
];

export const acls: readonly Scenario[] = [...life, filters, refused, deletions, limits, ...decided];

/** Where everybody may do everything to what no ACL is about. */
export const aclsWhereNoneMeansAll: readonly Scenario[] = [
  loneScenario("the first ACL about something shuts out all others", async (peer) => {
    const alice = peer.user("alice");
    const bob = new AclAdmin(peer, { principal: "User:bob" });
    const name = (await peer.topic("orders")).name;
    await peer.topic("orders-1");
    const of = (question: string) => rights(question, peer, alice);
    await of("no ACL");
    await bob.sets({ resourceName: name });
    await of("another's");
    await bob.sets({ resourceName: name, permissionType: DENY });
    await of("another is denied something");
    await bob.sets({ resourceName: `${name}-`, resourcePatternType: PREFIXED });
    await of("another's of a prefix");
    await bob.sets({ resourceName: "*", resourceType: GROUP });
    await of("another's of any group");
    await bob.sets({ resourceName: "*", operation: WRITE });
    await of("another's of any topic");
    await bob.sets({ resourceName: "kafka-cluster", resourceType: CLUSTER, operation: ALTER });
    await of("another's of the cluster");
    await bob.sets();
    await of("none any more");
  }),
];
