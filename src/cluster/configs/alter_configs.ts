import { ErrorCode } from "../../base/error_codes.ts";
import type { ClusterState } from "../cluster_state.ts";
import { type Decision, type Refusal, refuse } from "../decision.ts";
import { brokerConfig } from "./broker_configs.ts";
import { refuseClientMetrics } from "./client_metrics_configs.ts";
import { type ConfigDef, listOf, valueProblem } from "./config_def.ts";
import { brokerValueOf, type StaticConfigs } from "./describe_configs.ts";
import { groupConfigsProblem } from "./group_configs.ts";
import type { ConfigResource } from "./resource.ts";
import { charsOf } from "./set_configs.ts";
import { topicNameProblem } from "../topics/topic_name.ts";
import { conflictingConfigs, topicConfig, topicConfigProblem, topicValue } from "./topic_configs.ts";

/** What is done to a config, by Kafka's numbers (KIP-339). */
export const ConfigOperation = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

/** One change that a client wants. */
export interface ConfigChange {
  readonly name: string;
  readonly operation: number;
  readonly value: string | null;
}

/** Decides on changes of single configs of a resource (IncrementalAlterConfigs). */
export function decideChangeConfigs(
  state: ClusterState,
  resource: ConfigResource,
  changes: readonly ConfigChange[],
  statics: StaticConfigs,
): Decision {
  const own = ownConfigs(state, resource);
  if ("error" in own) return own;
  const configs: Record<string, string | null> = {};
  for (const { name, operation, value } of changes) {
    if (name in configs) return refuse(ErrorCode.INVALID_REQUEST, "Error due to duplicate config keys");
    if (name === "") return refuse(ErrorCode.INVALID_CONFIG, "A config without a name cannot be changed.");
    if (operation !== ConfigOperation.DELETE && value === null) {
      return refuse(ErrorCode.INVALID_REQUEST, `Null value not supported for: ${name}`);
    }
    switch (operation) {
      case ConfigOperation.SET:
        configs[name] = value;
        break;
      case ConfigOperation.DELETE:
        configs[name] = null;
        break;
      case ConfigOperation.APPEND:
      case ConfigOperation.SUBTRACT: {
        const def = defOf(resource, name);
        if (def?.type !== "list") {
          return refuse(ErrorCode.INVALID_CONFIG, `Can't append to or subtract from ${name}: it is no list.`);
        }
        const words = listOf(own.get(name) ?? def.default ?? "");
        // What is empty is a word, too, for Kafka.
        const named = (value ?? "").split(",").map((word) => word.trim());
        configs[name] = operation === ConfigOperation.APPEND
          ? [...words, ...named.filter((word) => !words.includes(word))].join(",")
          : words.filter((word) => !named.includes(word)).join(",");
        break;
      }
      default:
        return refuse(ErrorCode.INVALID_REQUEST, `Unknown operation type ${operation}`);
    }
  }
  return decide(state, resource, own, configs, statics);
}

/** Decides on all configs of a resource at once: what is not named is set no more (AlterConfigs). */
export function decideReplaceConfigs(
  state: ClusterState,
  resource: ConfigResource,
  wanted: readonly { readonly name: string; readonly value: string | null }[],
  statics: StaticConfigs,
): Decision {
  const own = ownConfigs(state, resource);
  if ("error" in own) return own;
  const configs: Record<string, string | null> = Object.fromEntries(
    Array.from(own.keys(), (name) => [name, null]),
  );
  const seen = new Set<string>();
  for (const { name, value } of wanted) {
    if (seen.has(name)) return refuse(ErrorCode.INVALID_REQUEST, "Error due to duplicate config keys");
    seen.add(name);
    if (value === null) return refuse(ErrorCode.INVALID_REQUEST, `Null value not supported for: ${name}`);
    configs[name] = value;
  }
  return decide(state, resource, own, configs, statics);
}

function decide(
  state: ClusterState,
  resource: ConfigResource,
  own: ReadonlyMap<string, string>,
  asked: Readonly<Record<string, string | null>>,
  statics: StaticConfigs,
): Decision {
  const after = new Map(own);
  const configs: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(asked)) {
    if ((own.get(name) ?? null) !== value) configs[name] = value;
    if (value === null) after.delete(name);
    else after.set(name, value);
  }
  const refusal = refuseConfigs(state, resource, after, Object.keys(asked), statics);
  if (refusal !== null) return refusal;
  const chars = charsOf(resource.name, after) - charsOf(resource.name, own);
  if (chars > 0 && !state.configs.hasRoomFor(chars)) {
    return refuse(ErrorCode.POLICY_VIOLATION, "All configs together take too much memory.");
  }
  if (Object.keys(configs).length === 0) return { records: [] };
  return { records: [{ type: "configs_changed", of: resource.of, name: resource.name, configs }] };
}

/** Why these cannot be the configs of a resource, `changed` among them; `null` if they can. */
function refuseConfigs(
  state: ClusterState,
  { of }: ConfigResource,
  configs: ReadonlyMap<string, string>,
  changed: readonly string[],
  statics: StaticConfigs,
): Refusal | null {
  switch (of) {
    case "topic": {
      for (const [name, value] of configs) {
        const problem = topicConfigProblem(name, value);
        if (problem !== null) return refuse(ErrorCode.INVALID_CONFIG, problem);
      }
      const conflict = conflictingConfigs((name) => topicValue(name, configs, state.configs.brokerValue));
      return conflict === null ? null : refuse(ErrorCode.INVALID_CONFIG, conflict);
    }
    case "group": {
      const problem = groupConfigsProblem(configs, brokerValueOf(state, statics));
      return problem === null ? null : refuse(ErrorCode.INVALID_CONFIG, problem);
    }
    case "client_metrics":
      return refuseClientMetrics(configs);
    case "broker":
    case "brokers":
      return refuseBrokerConfigs(configs, changed);
  }
}

function refuseBrokerConfigs(
  configs: ReadonlyMap<string, string>,
  changed: readonly string[],
): Refusal | null {
  for (const name of changed) {
    const value = configs.get(name);
    if (value === undefined) continue;
    const def = brokerConfig(name);
    if (def === undefined) return refuse(ErrorCode.INVALID_REQUEST, `klite has no broker config ${name}.`);
    if (!def.isDynamic) {
      return refuse(ErrorCode.INVALID_REQUEST, `Cannot update these configs dynamically: [${name}]`);
    }
    const problem = valueProblem(def, value);
    if (problem !== null) {
      return refuse(
        ErrorCode.INVALID_REQUEST,
        `Invalid value ${value} for configuration ${name}: ${problem}`,
      );
    }
  }
  return null;
}

function ownConfigs(
  state: ClusterState,
  { of, name }: ConfigResource,
): ReadonlyMap<string, string> | Refusal {
  if (of !== "topic") return state.configs.of(of, name);
  if (name === "") return refuse(ErrorCode.INVALID_REQUEST, "Default topic resources are not allowed.");
  const problem = topicNameProblem(name);
  if (problem !== null) return refuse(ErrorCode.INVALID_TOPIC_EXCEPTION, `Topic name is invalid: ${problem}`);
  return state.topic(name)?.configs ??
    refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition.");
}

/** A config that can be a list. As in Kafka those of groups and client metrics count as none. */
function defOf({ of }: ConfigResource, name: string): ConfigDef | undefined {
  switch (of) {
    case "topic":
      return topicConfig(name);
    case "broker":
    case "brokers":
      return brokerConfig(name);
    case "group":
    case "client_metrics":
      return undefined;
  }
}
