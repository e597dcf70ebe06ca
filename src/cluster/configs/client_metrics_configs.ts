import { ErrorCode } from "../../base/error_codes.ts";
import { type Refusal, refuse } from "../decision.ts";
import { type ConfigDef, listOf, valueProblem } from "./config_def.ts";

/** Configs of a subscription to client metrics (KIP-714). */
export const CLIENT_METRICS_CONFIGS: readonly ConfigDef[] = [
  { name: "interval.ms", type: "int", default: "300000", min: 100, max: 3_600_000 },
  { name: "match", type: "list", default: "" },
  { name: "metrics", type: "list", default: "" },
];

/** What of a client can be matched. */
const MATCHED: ReadonlySet<string> = new Set([
  "client_instance_id",
  "client_id",
  "client_software_name",
  "client_software_version",
  "client_source_address",
  "client_source_port",
]);

/** The refusal of a subscription's configs, or `null`. */
export function refuseClientMetrics(configs: ReadonlyMap<string, string>): Refusal | null {
  for (const [name, value] of configs) {
    const def = CLIENT_METRICS_CONFIGS.find((one) => one.name === name);
    if (def === undefined) {
      return refuse(ErrorCode.INVALID_REQUEST, `Unknown client metrics configuration: ${name}`);
    }
    const problem = valueProblem(def, value);
    if (problem !== null) {
      // What is no number at all is refused in another place of Kafka's.
      const isNumber = /^[+-]?\d+$/.test(value.trim());
      return refuse(
        isNumber ? ErrorCode.INVALID_REQUEST : ErrorCode.INVALID_CONFIG,
        `Invalid value ${value} for configuration ${name}: ${problem}`,
      );
    }
    const unmatched = name === "match" ? listOf(value).find((rule) => !isRule(rule)) : undefined;
    if (unmatched !== undefined) {
      return refuse(ErrorCode.INVALID_CONFIG, `Illegal client matching pattern: ${unmatched}`);
    }
  }
  return null;
}

/** `what=pattern`. Nobody runs the pattern here, so it needs to be one for whoever will. */
function isRule(rule: string): boolean {
  const [what = "", pattern, ...more] = rule.split("=").map((word) => word.trim());
  if (pattern === undefined || more.length > 0 || !MATCHED.has(what)) return false;
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}
