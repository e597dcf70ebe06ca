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
import { defineApi, type Services } from "../api.ts";
import { describeLoggers } from "./broker_loggers.ts";
import { configEntry } from "./config_entry.ts";

type Resource = DescribeConfigsRequestDescribeConfigsResource;
type Result = DescribeConfigsResponseDescribeConfigsResultInput;

export const describeConfigs = defineApi({
  request: describeConfigsRequest,
  response: describeConfigsResponse,
  async handle(services, request, call): Promise<DescribeConfigsResponseInput> {
    await call.client.answerTurn();
    const pauses = new Pauses(services.engine.clock);
    const results: Result[] = [];
    for (const resource of request.resources) {
      await pauses.next();
      results.push(resultOf(services, request, resource));
    }
    return { throttleTimeMs: 0, results };
  },
});

function resultOf(services: Services, request: DescribeConfigsRequest, resource: Resource): Result {
  const { resourceType, resourceName, configurationKeys } = resource;
  const found = configsOf(services, request, resource);
  if ("error" in found) {
    return { errorCode: found.error, errorMessage: found.message, resourceType, resourceName, configs: [] };
  }
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
