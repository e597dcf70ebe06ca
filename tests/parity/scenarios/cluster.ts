import { api } from "../api.ts";
import type { MetadataRequestInput } from "../../../src/protocol/generated/metadata_request.ts";
import { zeroUuid } from "../../../src/protocol/mod.ts";
import { newProducerIdOf, UNKNOWN_ID } from "../common.ts";
import type { Scenario } from "../scenario.ts";

const METADATA = [0, 13] as const;
/** From here on a topic may be asked for by id. */
const BY_ID_FROM = 12;

export const metadata: Scenario = {
  name: "metadata",
  async play(peer) {
    const one = await peer.topic("one", { partitions: 3 });
    await peer.topic("two");
    const each = (
      question: string,
      input: (version: number) => Partial<MetadataRequestInput>,
      from: number = METADATA[0],
    ) =>
      peer.askEach(question, api.metadata, [from, METADATA[1]], (version) => ({
        topics: [],
        allowAutoTopicCreation: version < 4,
        includeClusterAuthorizedOperations: false,
        includeTopicAuthorizedOperations: false,
        ...input(version),
      }));
    const named = (...names: readonly string[]) => names.map((name) => ({ name, topicId: zeroUuid }));
    const nowhere = peer.unique("nowhere");
    await each("two topics", () => ({ topics: named(one.name, peer.unique("two")) }));
    await each("a topic twice", () => ({ topics: named(one.name, one.name) }));
    await each("none", () => ({ topics: [] }));
    await each("all", () => ({ topics: null }), 1);
    await each("an unknown one", () => ({ topics: named(nowhere) }), 4);
    await each("illegal names", () => ({ topics: named("", "a/b", "..", "n".repeat(250)) }), 4);
    await each("one that collides", () => ({ topics: named(one.name.replace("-", ".")) }), 4);
    await each("operations on topics", () => ({
      topics: named(one.name),
      includeTopicAuthorizedOperations: true,
    }), 8);
    for (const version of [8, 9, 10]) {
      await peer.ask(
        `operations on the cluster, version ${version}`,
        api.metadata,
        version,
        {
          topics: [],
          includeClusterAuthorizedOperations: true,
          includeTopicAuthorizedOperations: false,
        },
      );
    }
    const byId = (topicId: string) => () => ({ topics: [{ name: null, topicId }] });
    await each("by id", byId(one.topicId), BY_ID_FROM);
    await each("by an unknown id", byId(UNKNOWN_ID), BY_ID_FROM);
    await each("by no id", byId(zeroUuid), BY_ID_FROM);
    await each("by name and id", () => ({ topics: [{ name: one.name, topicId: one.topicId }] }), BY_ID_FROM);
    await each(
      "by name and another id",
      () => ({ topics: [{ name: one.name, topicId: UNKNOWN_ID }] }),
      BY_ID_FROM,
    );
    await each("by name and by id", () => ({
      topics: [{ name: peer.unique("two"), topicId: zeroUuid }, { name: null, topicId: one.topicId }],
    }), BY_ID_FROM);
    await peer.ask("an illegal one to be created", api.metadata, 9, {
      topics: named("a/b", ""),
      allowAutoTopicCreation: true,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    });
  },
};

export const apiVersions: Scenario = {
  name: "api versions",
  async play(peer) {
    const software = { clientSoftwareName: "wire-client", clientSoftwareVersion: "1.0" };
    for (let version = 0; version <= 4; version++) {
      const answer = await peer.send(
        api.apiVersions,
        version,
        version < 3 ? {} : software,
      );
      peer.note(`what is served, version ${version}`, answer.apiKeys);
    }
    const names: readonly (readonly [string, string])[] = [
      ["", ""],
      ["", "1"],
      ["a", ""],
      ["a b", "1"],
      ["a", "1 0"],
      ["-a", "1"],
      ["a-", "1"],
      ["a.b-c", "1.0-beta"],
      ["ä", "1"],
      ["n".repeat(1000), "1"],
    ];
    for (const version of [3, 4]) {
      for (const [name, number] of names) {
        const answer = await peer.send(api.apiVersions, version, {
          clientSoftwareName: name,
          clientSoftwareVersion: number,
        });
        const { errorCode, apiKeys } = answer;
        const shown = `"${name.slice(0, 10)}" "${number}"`;
        peer.note(`client software ${shown}, version ${version}`, { errorCode, hasKeys: apiKeys.length > 0 });
      }
    }
  },
};

export const producerIds: Scenario = {
  name: "producer ids",
  async play(peer) {
    const first = await newProducerIdOf(peer);
    const input = { transactionalId: null, transactionTimeoutMs: 60_000 };
    const each = (question: string, versions: readonly [number, number], more: object = {}) =>
      peer.askEach(
        question,
        api.initProducerId,
        versions,
        () => ({ ...input, ...more }),
      );
    await each("a new id", [0, 5]);
    await each("no timeout", [0, 5], { transactionTimeoutMs: 0 });
    await each("a timeout below zero", [0, 5], { transactionTimeoutMs: -1 });
    await each("an empty transactional id", [0, 5], { transactionalId: "" });
    await each("in place of an older one", [3, 5], { producerId: first, producerEpoch: 0 });
    await each("an id without an epoch", [3, 5], { producerId: first });
    await each("an epoch without an id", [3, 5], { producerEpoch: 2 });
  },
};

export const describeCluster: Scenario = {
  name: "describe cluster",
  async play(peer) {
    const input = { includeClusterAuthorizedOperations: false, includeFencedBrokers: false };
    const each = (question: string, from: number, more: object = {}) =>
      peer.askEach(question, api.describeCluster, [from, 2], () => ({
        ...input,
        ...more,
      }));
    await each("the cluster", 0);
    await each("with operations", 0, { includeClusterAuthorizedOperations: true });
    await each("its controllers", 1, { endpointType: 2 });
    await each("an unknown kind of endpoint", 1, { endpointType: 9 });
    await each("with fenced brokers", 2, { includeFencedBrokers: true });
  },
};

export const findCoordinator: Scenario = {
  name: "find coordinator",
  async play(peer) {
    const input = (version: number, keyType: number, keys: readonly string[]) => ({
      ...(version >= 1 && { keyType }),
      ...(version >= 4 ? { key: "", coordinatorKeys: keys } : { key: keys[0] ?? "", coordinatorKeys: [] }),
    });
    // Kafka makes the topics behind its coordinators when somebody asks for the first time.
    for (const keyType of [0, 1]) {
      await peer.until(
        () => peer.send(api.findCoordinator, 4, input(4, keyType, ["warm-up"])),
        ({ coordinators }) => coordinators.every(({ errorCode }) => errorCode === 0),
      );
    }
    const each = (question: string, from: number, keyType: number, keys: readonly string[]) =>
      peer.askEach(
        question,
        api.findCoordinator,
        [from, 6],
        (version) => input(version, keyType, keys),
      );
    await each("of a group", 0, 0, [peer.unique("group")]);
    await each("of a transaction", 1, 1, [peer.unique("transaction")]);
    await each("of an empty group", 0, 0, [""]);
    await each("of an unknown kind", 1, 9, ["x"]);
    await each("of two groups", 4, 0, ["a", "b"]);
    await each("of a group twice", 4, 0, ["a", "a"]);
    await each("of none", 4, 0, []);
  },
};
