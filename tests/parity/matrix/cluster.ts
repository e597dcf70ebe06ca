import { api } from "../api.ts";
import { scenario } from "../scenario.ts";
import { Matrix, refusal } from "./matrix.ts";

const TIMEOUT_MS = 10_000;
const NO_BROKER = 99;
/** To what is so already. */
const UPDATE = { feature: "group.version", maxVersionLevel: 1, allowDowngrade: false, upgradeType: 1 };

export const clusterMatrix = scenario("who may see and change the cluster", async (peer) => {
  const topic = await peer.topic("topic");
  const matrix = await Matrix.open(peer);
  for (const includeClusterAuthorizedOperations of [true, false]) {
    const question = includeClusterAuthorizedOperations ? "with rights" : "without rights";
    await matrix.asks(`DescribeCluster 2 ${question}`, api.describeCluster, 2, () => ({
      includeClusterAuthorizedOperations,
      endpointType: 1,
      includeFencedBrokers: false,
    }));
  }
  await matrix.asks("ApiVersions 4", api.apiVersions, 4, () => ({
    clientSoftwareName: "test",
    clientSoftwareVersion: "1",
  }), { told: refusal });
  await matrix.asks("DescribeQuorum 2", api.describeQuorum, 2, () => ({
    topics: [{ topicName: "__cluster_metadata", partitions: [{ partitionIndex: 0 }] }],
  }), { told: ({ errorCode, topics }) => ({ errorCode, topics: topics.length > 0 }) });
  await matrix.asks("UpdateFeatures 2 to check", api.updateFeatures, 2, () => ({
    timeoutMs: TIMEOUT_MS,
    featureUpdates: [UPDATE],
    validateOnly: true,
  }));
  await matrix.asks("UpdateFeatures 1 to check", api.updateFeatures, 1, () => ({
    timeoutMs: TIMEOUT_MS,
    featureUpdates: [UPDATE],
    validateOnly: true,
  }));
  await matrix.asks("UnregisterBroker 0", api.unregisterBroker, 0, () => ({ brokerId: NO_BROKER }));
  for (const version of [2, 5]) {
    await matrix.asks(`DescribeLogDirs ${version}`, api.describeLogDirs, version, () => ({
      topics: [{ topic: topic.name, partitions: [0] }],
    }), {
      told: ({ errorCode, results }) => ({
        errorCode,
        topics: results.flatMap(({ topics }) => topics.map(({ name }) => name)),
      }),
    });
  }
  await matrix.asks("AlterReplicaLogDirs 2", api.alterReplicaLogDirs, 2, () => ({
    dirs: [{ path: "/no/such/directory", topics: [{ name: topic.name, partitions: [0] }] }],
  }));
});
