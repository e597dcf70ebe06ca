/** Kafka's resource types of ACLs; not those of configs, which are others. */
export const AclResource = {
  ANY: 1,
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
} as const;

/** The name of the one resource of type CLUSTER. */
export const CLUSTER_NAME = "kafka-cluster";

export const AclPattern = { ANY: 1, MATCH: 2, LITERAL: 3, PREFIXED: 4 } as const;

export const AclPermission = { ANY: 1, DENY: 2, ALLOW: 3 } as const;

export const AclOperation = {
  ANY: 1,
  ALL: 2,
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
  TWO_PHASE_COMMIT: 15,
} as const;

const { READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS } =
  AclOperation;

/** The operations that each type of resource has, as bits, by the type's number (KIP-430). */
export const OPERATIONS_OF: readonly number[] = [
  0,
  0,
  bits(READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS),
  bits(READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS),
  bits(
    CREATE,
    ALTER,
    DESCRIBE,
    CLUSTER_ACTION,
    DESCRIBE_CONFIGS,
    ALTER_CONFIGS,
    AclOperation.IDEMPOTENT_WRITE,
  ),
  bits(WRITE, DESCRIBE, AclOperation.TWO_PHASE_COMMIT),
  bits(DESCRIBE),
  bits(AclOperation.CREATE_TOKENS, AclOperation.DESCRIBE_TOKENS),
];

function bits(...operations: readonly number[]): number {
  return operations.reduce((sum, operation) => sum | (1 << operation), 0);
}

/** `TOPIC` for 2 in {@link AclResource}; the number itself where there is no name. */
export function nameOf(codes: Readonly<Record<string, number>>, code: number): string {
  return Object.keys(codes).find((name) => codes[name] === code) ?? String(code);
}
