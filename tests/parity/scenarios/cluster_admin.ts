import { api } from "../api.ts";
import { type Scenario, scenario } from "../scenario.ts";

const METADATA = "__cluster_metadata";
const POSITIONS = new Set(["highWatermark", "logEndOffset"]);

const quorum: readonly Scenario[] = [0, 1, 2].map((version) =>
  scenario(`the quorum at version ${version}`, async (peer) => {
    const ask = (question: string, topics: readonly { topicName: string; indexes: number[] }[]) =>
      peer.ask(question, api.describeQuorum, version, {
        topics: topics.map(({ topicName, indexes }) => ({
          topicName,
          partitions: indexes.map((partitionIndex) => ({ partitionIndex })),
        })),
      });
    // Where in its log it is, is every broker's own affair.
    await peer.keeps("of the metadata", async () => {
      const topics = [{ topicName: METADATA, partitions: [{ partitionIndex: 0 }] }];
      const answer = await peer.send(api.describeQuorum, version, { topics });
      return JSON.parse(JSON.stringify(answer, (name, value) => POSITIONS.has(name) ? value > 0 : value));
    });
    await ask("of another partition", [{ topicName: METADATA, indexes: [1] }]);
    await ask("of two partitions", [{ topicName: METADATA, indexes: [0, 1] }]);
    await ask("of another topic", [{ topicName: "another", indexes: [0] }]);
    await ask("of two topics", [{ topicName: METADATA, indexes: [0] }, {
      topicName: "another",
      indexes: [0],
    }]);
    await ask("of no partition", [{ topicName: METADATA, indexes: [] }]);
    await ask("of nothing", []);
  })
);

const features: readonly Scenario[] = [0, 1, 2].map((version) =>
  scenario(`features at version ${version}`, async (peer) => {
    // To check only is the way to ask without changing a cluster that others use.
    const ask = (question: string, ...updates: [feature: string, level: number, type: number][]) =>
      peer.ask(question, api.updateFeatures, version, {
        timeoutMs: 10_000,
        featureUpdates: updates.map(([feature, maxVersionLevel, upgradeType]) => ({
          feature,
          maxVersionLevel,
          allowDowngrade: version === 0 && upgradeType > 1,
          ...(version > 0 && { upgradeType }),
        })),
        ...(version > 0 && { validateOnly: true }),
      });
    await ask("to the level that it is at", ["group.version", 1, 1]);
    await ask("of two to their levels", ["group.version", 1, 1], ["transaction.version", 2, 1]);
    await ask("above all levels", ["group.version", 2, 1]);
    await ask("transactions above all levels", ["transaction.version", 3, 1]);
    await ask("a level below zero", ["group.version", -1, 1]);
    await ask("an unknown feature", ["no.such.feature", 1, 1]);
    await ask("an unknown feature to no level", ["no.such.feature", 0, 3]);
    await ask("one that is there and one that is not", ["group.version", 1, 1], ["no.such.feature", 1, 1]);
    await ask("lower, but not downwards", ["transaction.version", 1, 1]);
    await ask("a feature without a name", ["", 1, 1]);
    await ask("nothing");
    if (version > 0) await ask("an unknown way", ["group.version", 1, 9]);
  })
);

export const clusterAdmin: readonly Scenario[] = [
  ...quorum,
  ...features,
  scenario("brokers that there are not are unregistered", async (peer) => {
    for (const brokerId of [2, -1, 2147483647]) {
      await peer.ask(`broker ${brokerId}`, api.unregisterBroker, 0, { brokerId });
    }
  }),
];
