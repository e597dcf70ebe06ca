import type { DescribeConfigsResponse } from "../../../src/protocol/generated/describe_configs_response.ts";
import { Kind, Op } from "../actors/config_admin.ts";
import { api } from "../api.ts";
import { scenario } from "../scenario.ts";
import { Matrix } from "./matrix.ts";

/** Of a resource's configs only whether they are told. */
function described({ results }: DescribeConfigsResponse): unknown {
  return results.map(({ configs, ...result }) => ({ ...result, configs: configs.length > 0 }));
}

export const configsMatrix = scenario("who may see and change configs", async (peer) => {
  const topic = await peer.topic("topic");
  const matrix = await Matrix.open(peer);
  const resources = [
    [Kind.TOPIC, topic.name, "retention.ms"],
    [Kind.TOPIC, peer.unique("nowhere"), "retention.ms"],
    [Kind.BROKER, "1", "log.cleaner.threads"],
    [Kind.BROKER, "", "log.cleaner.threads"],
    [Kind.CLIENT_METRICS, peer.unique("metrics"), "interval.ms"],
    [Kind.GROUP, peer.unique("group"), "consumer.session.timeout.ms"],
  ] as const;
  const logger = [Kind.LOGGER, "1", "root"] as const;
  await matrix.asks("DescribeConfigs 4", api.describeConfigs, 4, () => ({
    resources: [...resources.filter(([, name]) => name !== ""), logger].map((
      [resourceType, resourceName],
    ) => ({
      resourceType,
      resourceName,
      configurationKeys: null,
    })),
    includeSynonyms: false,
    includeDocumentation: false,
  }), { told: described });
  // The session timeout is that of both brokers, for it has bounds of theirs.
  const known = resources.filter(([kind]) => kind !== Kind.BROKER);
  const values = {
    "retention.ms": "1000",
    "interval.ms": "1000",
    "consumer.session.timeout.ms": "45000",
  } as const;
  const configs = (key: string) => {
    const value = Object.entries(values).find(([name]) => name === key)?.[1] ?? "1";
    return [{ name: key, value }];
  };
  await matrix.asks("AlterConfigs 2 to check", api.alterConfigs, 2, () => ({
    resources: known.map(([resourceType, resourceName, key]) => ({
      resourceType,
      resourceName,
      configs: configs(key),
    })),
    validateOnly: true,
  }));
  await matrix.asks("IncrementalAlterConfigs 1 to check", api.incrementalAlterConfigs, 1, () => ({
    resources: known.map(([resourceType, resourceName, key]) => ({
      resourceType,
      resourceName,
      configs: configs(key).map((config) => ({ ...config, configOperation: Op.SET })),
    })),
    validateOnly: true,
  }));
  await matrix.asks(
    "IncrementalAlterConfigs 1 of the broker to check",
    api.incrementalAlterConfigs,
    1,
    () => ({
      resources: [
        { resourceType: Kind.BROKER, resourceName: "1" },
        { resourceType: Kind.BROKER, resourceName: "" },
        { resourceType: Kind.BROKER, resourceName: "2" },
      ].map((resource) => ({
        ...resource,
        configs: [{ name: "message.max.bytes", configOperation: Op.SET, value: "1000000" }],
      })),
      validateOnly: true,
    }),
  );
  await matrix.asks("IncrementalAlterConfigs 1 of a logger to check", api.incrementalAlterConfigs, 1, () => ({
    resources: [{
      resourceType: Kind.LOGGER,
      resourceName: "1",
      configs: [{ name: "root", configOperation: Op.SET, value: "INFO" }],
    }],
    validateOnly: true,
  }));
  await matrix.asks("IncrementalAlterConfigs 1 of one twice", api.incrementalAlterConfigs, 1, () => ({
    resources: [0, 1].map(() => ({
      resourceType: Kind.TOPIC,
      resourceName: topic.name,
      configs: [{ name: "retention.ms", configOperation: Op.SET, value: "1000" }],
    })),
    validateOnly: true,
  }));
  for (const version of [0, 1]) {
    await matrix.asks(`ListConfigResources ${version}`, api.listConfigResources, version, () => ({
      resourceTypes: version === 0 ? [] : [Kind.TOPIC],
    }));
  }
});
