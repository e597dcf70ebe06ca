import { ErrorCode } from "../../base/error_codes.ts";
import { type Refusal, refuse } from "../decision.ts";
import type { ConfigOwner } from "./records.ts";

/** What can have configs, by Kafka's numbers. */
export const ResourceType = { TOPIC: 2, BROKER: 4, BROKER_LOGGER: 8, CLIENT_METRICS: 16, GROUP: 32 } as const;

/** Whose configs a client means. */
export interface ConfigResource {
  readonly of: ConfigOwner;
  /** Empty for brokers. */
  readonly name: string;
}

/** Whose configs a client means by a type and a name, or why nobody's. Loggers are not state: they are not told apart here. */
export function resourceOf(type: number, name: string, nodeId: number): ConfigResource | Refusal {
  switch (type) {
    case ResourceType.TOPIC:
      return { of: "topic", name };
    case ResourceType.BROKER:
      return name === ""
        ? { of: "brokers", name }
        : refuseForeign(name, nodeId) ?? { of: "broker", name: "" };
    case ResourceType.CLIENT_METRICS:
      return name === ""
        ? refuse(ErrorCode.INVALID_REQUEST, "Client metrics subscription name must not be empty.")
        : { of: "client_metrics", name };
    case ResourceType.GROUP:
      return name === ""
        ? refuse(ErrorCode.INVALID_REQUEST, "Group name must not be empty.")
        : { of: "group", name };
    default:
      return refuse(ErrorCode.INVALID_REQUEST, `Unsupported resource type: ${type}`);
  }
}

/** The refusal of a broker that is not this one, or `null`. */
export function refuseForeign(name: string, nodeId: number): Refusal | null {
  if (!/^[+-]?\d+$/.test(name)) {
    return refuse(ErrorCode.INVALID_REQUEST, `Broker id must be an integer, but it is: ${name}`);
  }
  if (Number(name) === nodeId) return null;
  return refuse(
    ErrorCode.INVALID_REQUEST,
    `Unexpected broker id, expected ${nodeId} or empty string, but received ${name}`,
  );
}
