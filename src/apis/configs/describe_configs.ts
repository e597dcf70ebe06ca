/**
 * DescribeConfigs 1–4. 1 tells sources and synonyms (KIP-226), 3 types and documentation (KIP-569). A broker has those
 * of Kafka's configs that mean something here, and one logger.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import {
  describeConfigs as describe,
  refuseForeign,
  resourceOf,
  ResourceType,
} from "../../cluster/configs/mod.ts";
import { type Refusal, refuse } from "../../cluster/mod.ts";
import { Pauses } from "../../engine/mod.ts";
import {
  type DescribeConfigsRequest,
  describeConfigsRequest,
  type DescribeConfigsRequestDescribeConfigsResource,
} from "../../protocol/generated/describe_configs_request.ts";
import {
  describeConfigsResponse,
  type DescribeConfigsResponseDescribeConfigsResultInput,
  type DescribeConfigsResponseInput,
} from "../../protocol/generated/describe_configs_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation } from "../rights.ts";
import { describeLoggers } from "./broker_loggers.ts";
import { configEntry } from "./config_entry.ts";
import { configsRefusal } from "./configs_refusal.ts";

type Resource = DescribeConfigsRequestDescribeConfigsResource;
/** Configs of one answer: some 30 MB with all that may be told of them. */
const CONFIGS_MAX = 200_000;
const TOO_MANY = refuse(
  ErrorCode.INVALID_REQUEST,
  "Too many configs for one answer: ask for fewer resources.",
);

type Result = DescribeConfigsResponseDescribeConfigsResultInput;

export const describeConfigs = defineApi({
  request: describeConfigsRequest,
  response: describeConfigsResponse,
  async handle(services, request, call): Promise<DescribeConfigsResponseInput> {
    await call.client.answerTurn();
    const pauses = new Pauses(services.engine.clock);
    const results: Result[] = [];
    // What is asked for twice is told once: a request cannot ask for more than there is.
    const asked = new Map(request.resources.map((one) => [`${one.resourceType} ${one.resourceName}`, one]));
    let left = CONFIGS_MAX;
    for (const resource of asked.values()) {
      await pauses.next();
      const result = left > 0 ? resultOf(services, request, resource, call) : refused(resource, TOO_MANY);
      left -= result.configs.length;
      results.push(result);
    }
    return { throttleTimeMs: 0, results };
  },
});

function resultOf(
  services: Services,
  request: DescribeConfigsRequest,
  resource: Resource,
  call: Call,
): Result {
  const { resourceType, resourceName, configurationKeys } = resource;
  const refusal = configsRefusal(services, call, AclOperation.DESCRIBE_CONFIGS, resource);
  const found = refusal ?? configsOf(services, request, resource);
  if ("error" in found) return refused(resource, found);
  const keys = configurationKeys === null || configurationKeys.length === 0
    ? null
    : new Set(configurationKeys);
  return {
    errorCode: ErrorCode.NONE,
    // Not null: so it comes from Kafka.
    errorMessage: "",
    resourceType,
    resourceName,
    configs: found.filter(({ name }) => keys === null || keys.has(name)),
  };
}

function refused({ resourceType, resourceName }: Resource, { error, message }: Refusal): Result {
  return { errorCode: error, errorMessage: message, resourceType, resourceName, configs: [] };
}

function configsOf(
  { engine, settings }: Services,
  request: DescribeConfigsRequest,
  { resourceType, resourceName }: Resource,
): Result["configs"] | Refusal {
  const { nodeId } = settings;
  if (resourceType === ResourceType.BROKER_LOGGER) {
    if (resourceName === "") return refuse(ErrorCode.INVALID_REQUEST, "Broker id must not be empty.");
    return refuseForeign(resourceName, nodeId) ?? describeLoggers(settings.logThreshold);
  }
  const resource = resourceOf(resourceType, resourceName, nodeId);
  if ("error" in resource) return resource;
  const described = describe(engine.state, resource, settings.kafkaConfigs());
  return "error" in described ? described : described.map((config) => configEntry(config, request));
}
