import { ErrorCode } from "../../base/error_codes.ts";
import {
  type ConfigResource,
  refuseForeign,
  resourceOf,
  ResourceType,
  type StaticConfigs,
} from "../../cluster/configs/mod.ts";
import { type ClusterState, type Decision, type Refusal, refuse } from "../../cluster/mod.ts";
import { Pauses } from "../../engine/mod.ts";
import type { Call, Services } from "../api.ts";
import { AclOperation } from "../rights.ts";
import { configsRefusal } from "./configs_refusal.ts";

interface Named {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** What both APIs answer of a resource. */
export interface ChangedResource extends Named {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** Changes the configs of each resource as the rules decide, or asks them only. Loggers are no state. */
export async function changeResources<Resource extends Named>(
  services: Services,
  call: Call,
  { resources, validateOnly }: { readonly resources: readonly Resource[]; readonly validateOnly: boolean },
  rules: {
    state(state: ClusterState, resource: ConfigResource, asked: Resource, statics: StaticConfigs): Decision;
    loggers(asked: Resource): Refusal | null;
  },
): Promise<ChangedResource[]> {
  const { engine, settings } = services;
  const statics = settings.kafkaConfigs();
  const pauses = new Pauses(engine.clock);
  const keyOf = ({ resourceType, resourceName }: Named) => `${resourceType} ${resourceName}`;
  const times = new Map<string, number>();
  for (const asked of resources) times.set(keyOf(asked), (times.get(keyOf(asked)) ?? 0) + 1);
  const change = (asked: Resource): Refusal | null | Promise<Refusal | null> => {
    const { resourceType, resourceName } = asked;
    const refusal = () => configsRefusal(services, call, AclOperation.ALTER_CONFIGS, asked);
    if (resourceType === ResourceType.BROKER_LOGGER) {
      return refusal() ?? refuseForeign(resourceName, settings.nodeId) ?? rules.loggers(asked);
    }
    const resource = resourceOf(resourceType, resourceName, settings.nodeId);
    if ("error" in resource) return resource;
    const refused = refusal();
    if (refused !== null) return refused;
    const decide = (state: ClusterState) => rules.state(state, resource, asked, statics);
    if (!validateOnly) return engine.execute(decide);
    const decision = decide(engine.state);
    return "error" in decision ? decision : null;
  };
  const responses: ChangedResource[] = [];
  for (const asked of resources) {
    await pauses.next();
    const { resourceType, resourceName } = asked;
    const refusal = times.get(keyOf(asked)) === 1
      ? await change(asked)
      : refuse(ErrorCode.INVALID_REQUEST, "Each resource must appear at most once.");
    responses.push({
      errorCode: refusal?.error ?? ErrorCode.NONE,
      errorMessage: refusal?.message ?? null,
      resourceType,
      resourceName,
    });
  }
  return responses;
}
