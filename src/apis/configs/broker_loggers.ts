import { ErrorCode } from "../../base/error_codes.ts";
import { type ConfigChange, ConfigOperation, ConfigSource } from "../../cluster/configs/mod.ts";
import { type Refusal, refuse } from "../../cluster/mod.ts";
import type { DescribeConfigsResponseDescribeConfigsResourceResultInput } from "../../protocol/generated/describe_configs_response.ts";
import type { ApiSettings } from "../api.ts";

type LogThreshold = ApiSettings["logThreshold"];

/** The one logger that there is: all of klite's log. */
const ROOT = "root";

/** Kafka's levels, each as the one here that writes as much. */
const LEVELS: Readonly<Record<string, LogThreshold["level"]>> = {
  TRACE: "debug",
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  ERROR: "error",
  FATAL: "error",
};

/** The broker's loggers with their levels, as Kafka tells them. */
export function describeLoggers(
  threshold: LogThreshold,
): DescribeConfigsResponseDescribeConfigsResourceResultInput[] {
  return [{
    name: ROOT,
    value: threshold.level.toUpperCase(),
    readOnly: false,
    configSource: ConfigSource.LOGGER,
    isSensitive: false,
    synonyms: [],
    configType: 0,
    documentation: "",
  }];
}

/** Changes levels, or with `validateOnly` says only whether it would. They hold until the broker stops, as in Kafka. */
export function changeLoggers(
  threshold: LogThreshold,
  changes: readonly ConfigChange[],
  validateOnly: boolean,
): Refusal | null {
  let { level } = threshold;
  for (const { name, operation, value } of changes) {
    if (operation === ConfigOperation.DELETE && name === ROOT) {
      return refuse(ErrorCode.INVALID_REQUEST, "Removing the log level of the root logger is not allowed");
    }
    if (operation !== ConfigOperation.SET && operation !== ConfigOperation.DELETE) {
      return refuse(ErrorCode.INVALID_REQUEST, `Operation ${operation} is not supported for broker loggers.`);
    }
    if (operation === ConfigOperation.SET && value === null) {
      return refuse(ErrorCode.INVALID_REQUEST, `Null value not supported for: ${name}`);
    }
    if (name !== ROOT) return refuse(ErrorCode.INVALID_CONFIG, `Logger ${name} does not exist!`);
    const wanted = LEVELS[value ?? ""];
    if (wanted === undefined) {
      return refuse(ErrorCode.INVALID_CONFIG, `${value} is no log level: ${Object.keys(LEVELS).join(", ")}`);
    }
    level = wanted;
  }
  if (!validateOnly) threshold.level = level;
  return null;
}
