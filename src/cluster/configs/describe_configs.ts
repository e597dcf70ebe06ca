import { ErrorCode } from "../../base/error_codes.ts";
import type { ClusterState } from "../cluster_state.ts";
import { type Refusal, refuse } from "../decision.ts";
import { topicNameProblem } from "../topics/topic_name.ts";
import { BROKER_CONFIGS, brokerConfig, type BrokerConfigDef } from "./broker_configs.ts";
import { CLIENT_METRICS_CONFIGS } from "./client_metrics_configs.ts";
import { canonicalValue, type ConfigDef } from "./config_def.ts";
import { GROUP_CONFIGS } from "./group_configs.ts";
import type { ConfigResource } from "./resource.ts";
import { TOPIC_CONFIGS } from "./topic_configs.ts";

/** Where a value comes from, by Kafka's numbers. */
export const ConfigSource = {
  TOPIC: 1,
  BROKER: 2,
  ALL_BROKERS: 3,
  STATIC_BROKER: 4,
  DEFAULT: 5,
  LOGGER: 6,
  CLIENT_METRICS: 7,
  GROUP: 8,
} as const;

/** One place that a value comes from, or would if there were none before it. */
export interface ConfigSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}

/** A config as it is. */
export interface DescribedConfig {
  readonly def: ConfigDef;
  readonly value: string | null;
  readonly source: number;
  readonly isReadOnly: boolean;
  /** The first is where the value comes from. */
  readonly synonyms: readonly ConfigSynonym[];
}

/** What the operator has given the broker, by Kafka's names. */
export type StaticConfigs = Readonly<Record<string, string>>;

/** All configs of a resource, in no order; a topic must exist. */
export function describeConfigs(
  state: ClusterState,
  { of, name }: ConfigResource,
  statics: StaticConfigs,
): readonly DescribedConfig[] | Refusal {
  switch (of) {
    case "topic":
      return describeTopic(state, name, statics);
    case "brokers":
      return Array.from(state.configs.of("brokers", ""), ([key]) => brokerConfig(key))
        .filter((def) => def !== undefined)
        .map((def) => described(def, brokerSynonyms(state, def, statics).filter(isOfAll), false));
    case "broker":
      return BROKER_CONFIGS.map((def) => described(def, brokerSynonyms(state, def, statics), !def.isDynamic));
    case "group":
      return GROUP_CONFIGS.map((def) =>
        describeOwn(state, def, state.configs.of(of, name), ConfigSource.GROUP, statics)
      );
    case "client_metrics":
      return CLIENT_METRICS_CONFIGS.map((def) =>
        describeOwn(state, def, state.configs.of(of, name), ConfigSource.CLIENT_METRICS, statics)
      );
  }
}

/** Configs of a topic that may not exist yet. */
export function describeTopicConfigs(
  state: ClusterState,
  own: ReadonlyMap<string, string>,
  statics: StaticConfigs,
): DescribedConfig[] {
  return TOPIC_CONFIGS.map((def) => describeOwn(state, def, own, ConfigSource.TOPIC, statics));
}

/** The value that counts for the broker. */
export function brokerValueOf(state: ClusterState, statics: StaticConfigs): (name: string) => string {
  return (name) => state.configs.brokerValue(name) ?? statics[name] ?? brokerConfig(name)?.default ?? "";
}

function describeTopic(
  state: ClusterState,
  name: string,
  statics: StaticConfigs,
): readonly DescribedConfig[] | Refusal {
  const problem = topicNameProblem(name);
  if (problem !== null) {
    return refuse(ErrorCode.INVALID_TOPIC_EXCEPTION, `Topic name is invalid: ${problem}`);
  }
  const topic = state.topic(name);
  if (topic === undefined) {
    return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition.");
  }
  return describeTopicConfigs(state, topic.configs, statics);
}

function describeOwn(
  state: ClusterState,
  def: ConfigDef & { readonly broker?: string },
  own: ReadonlyMap<string, string>,
  source: number,
  statics: StaticConfigs,
): DescribedConfig {
  const value = own.get(def.name);
  const broker = def.broker === undefined ? undefined : brokerConfig(def.broker);
  const synonyms = broker === undefined ? [] : brokerSynonyms(state, broker, statics);
  if (value !== undefined) synonyms.unshift({ name: def.name, value: canonicalValue(def, value), source });
  return described(def, synonyms, false);
}

function described(def: ConfigDef, synonyms: readonly ConfigSynonym[], isReadOnly: boolean): DescribedConfig {
  const [first] = synonyms;
  return {
    def,
    value: first === undefined ? def.default : first.value,
    source: first?.source ?? ConfigSource.DEFAULT,
    isReadOnly,
    synonyms,
  };
}

function brokerSynonyms(state: ClusterState, def: BrokerConfigDef, statics: StaticConfigs): ConfigSynonym[] {
  const { name } = def;
  const given = statics[name];
  const places: readonly (readonly [value: string | null | undefined, source: number])[] = [
    [state.configs.of("broker", "").get(name), ConfigSource.BROKER],
    [state.configs.of("brokers", "").get(name), ConfigSource.ALL_BROKERS],
    [given === def.default ? undefined : given, ConfigSource.STATIC_BROKER],
    [def.default, ConfigSource.DEFAULT],
  ];
  const synonyms = places.flatMap(([value, source]) =>
    value === undefined || value === null ? [] : [{ name, value: canonicalValue(def, value), source }]
  );
  const { fallback } = def;
  return fallback === undefined || synonyms.length === 0
    ? synonyms
    : [...synonyms, { ...fallback, source: ConfigSource.DEFAULT }];
}

function isOfAll({ source }: ConfigSynonym): boolean {
  return source === ConfigSource.ALL_BROKERS;
}
