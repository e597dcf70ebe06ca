/**
 * The rules of configs: what there is, what it is, and how it may change.
 *
 * Tables name every topic config of Kafka and the configs of brokers, groups of the consumer protocol and client
 * metrics that klite has ({@link TOPIC_CONFIGS}, {@link BROKER_CONFIGS}, {@link GROUP_CONFIGS},
 * {@link CLIENT_METRICS_CONFIGS}). What is set is state (`SetConfigs`, and `Topic.configs`), changed by the record
 * `configs_changed`: a value for each name, or `null` where none is set any more. What is set is kept as it came and
 * was valid when it was; what of it topics obey is parsed once (`TopicSettings`).
 *
 * What counts for a topic or a group is its own value, else this broker's, else that of all brokers, else the
 * operator's, else the default.
 */
export { BROKER_CONFIGS, brokerConfig } from "./broker_configs.ts";
export type { BrokerConfigDef } from "./broker_configs.ts";
export { CLIENT_METRICS_CONFIGS } from "./client_metrics_configs.ts";
export type { ConfigDef, ConfigType } from "./config_def.ts";
export { configDocumentation } from "./documentation.ts";
export { ConfigSource, describeConfigs, describeTopicConfigs } from "./describe_configs.ts";
export type { ConfigSynonym, DescribedConfig, StaticConfigs } from "./describe_configs.ts";
export { ConfigOperation, decideChangeConfigs, decideReplaceConfigs } from "./alter_configs.ts";
export type { ConfigChange } from "./alter_configs.ts";
export { GROUP_CONFIGS } from "./group_configs.ts";
export { refuseForeign, resourceOf, ResourceType } from "./resource.ts";
export type { ConfigResource } from "./resource.ts";
export { TOPIC_CONFIGS } from "./topic_configs.ts";
