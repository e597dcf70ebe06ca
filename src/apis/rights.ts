import { ErrorCode } from "../base/error_codes.ts";
import { type Refusal, refuse } from "../cluster/mod.ts";
import { AclOperation, AclResource, CLUSTER_NAME } from "../cluster/security/acls/acl_codes.ts";
import type { Call, Services } from "./api.ts";

/**
 * What whoever sent a request may do. Each API asks for what Kafka asks for, in Kafka's order, and first of all:
 * whether a thing exists is nobody's business who may not see it. A refusal is said in an event; where an answer only
 * leaves things out, the authorizer is asked quietly. What Kafka answers to whom is kept in `tests/parity/matrix/`.
 */
export { AclOperation } from "../cluster/security/acls/acl_codes.ts";

type Asked = Pick<Services, "authorizer">;
type By = Pick<Call, "client">;

/** Whether `operation` is allowed on the topic, whether that exists or not. */
export function mayOnTopic({ authorizer }: Asked, { client }: By, operation: number, name: string): boolean {
  return authorizer.allows(client, operation, AclResource.TOPIC, name);
}

/** Whether `operation` is allowed on the group. */
export function mayOnGroup({ authorizer }: Asked, { client }: By, operation: number, id: string): boolean {
  return authorizer.allows(client, operation, AclResource.GROUP, id);
}

/** Whether `operation` is allowed on the transactional id. */
export function mayOnTransaction(
  { authorizer }: Asked,
  { client }: By,
  operation: number,
  id: string,
): boolean {
  return authorizer.allows(client, operation, AclResource.TRANSACTIONAL_ID, id);
}

/** Whether `operation` is allowed on the cluster. */
export function mayOnCluster({ authorizer }: Asked, { client }: By, operation: number): boolean {
  return authorizer.allows(client, operation, AclResource.CLUSTER, CLUSTER_NAME);
}

/** How a request is refused that is not allowed on the cluster. */
export const CLUSTER_REFUSAL = {
  errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  errorMessage: "Cluster authorization failed.",
} as const;

/** The refusal of whoever may not do `operation` on the cluster, or `null`. */
export function clusterRefusal(services: Asked, call: By, operation: number): Refusal | null {
  if (mayOnCluster(services, call, operation)) return null;
  return refuse(CLUSTER_REFUSAL.errorCode, CLUSTER_REFUSAL.errorMessage);
}

/** {@link mayOnCluster} where there is another right that will do: being without this one is no news. */
export function mayQuietlyOnCluster({ authorizer }: Asked, { client }: By, operation: number): boolean {
  return authorizer.allowsQuietly(client, operation, AclResource.CLUSTER, CLUSTER_NAME);
}

/** Whether an answer may name the topic. */
export function seesTopic({ authorizer }: Asked, { client }: By, name: string): boolean {
  return authorizer.allowsQuietly(client, AclOperation.DESCRIBE, AclResource.TOPIC, name);
}

/** "Not asked for", in fields of authorized operations (KIP-430). */
export const OPERATIONS_NOT_REQUESTED = -2147483648;

/** The field of what is allowed on a topic. */
export function topicOperations(
  { authorizer }: Asked,
  { client }: By,
  isAsked: boolean,
  name: string,
): number {
  return isAsked ? authorizer.operationsOn(client, AclResource.TOPIC, name) : OPERATIONS_NOT_REQUESTED;
}

/** The field of what is allowed on a group. */
export function groupOperations({ authorizer }: Asked, { client }: By, isAsked: boolean, id: string): number {
  return isAsked ? authorizer.operationsOn(client, AclResource.GROUP, id) : OPERATIONS_NOT_REQUESTED;
}

/** The field of what is allowed on the cluster: nothing is told to those who may not see it. */
export function clusterOperations(services: Asked, call: By, isAsked: boolean): number {
  if (!isAsked) return OPERATIONS_NOT_REQUESTED;
  if (!mayOnCluster(services, call, AclOperation.DESCRIBE)) return 0;
  return services.authorizer.operationsOn(call.client, AclResource.CLUSTER, CLUSTER_NAME);
}
