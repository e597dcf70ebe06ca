/** "Not asked for", in fields of authorized operations (KIP-430). */
export const OPERATIONS_NOT_REQUESTED = -2147483648;

// Bits are Kafka's AclOperation codes.
const CREATE = 1 << 5;
const DELETE = 1 << 6;
const ALTER = 1 << 7;
const DESCRIBE = 1 << 8;
const CLUSTER_ACTION = 1 << 9;
const DESCRIBE_CONFIGS = 1 << 10;
const ALTER_CONFIGS = 1 << 11;
const IDEMPOTENT_WRITE = 1 << 12;
const READ = 1 << 3;
const WRITE = 1 << 4;

/** Without an authorizer everyone may do everything. */
export const ALL_TOPIC_OPERATIONS = READ | WRITE | CREATE | DELETE | ALTER | DESCRIBE | DESCRIBE_CONFIGS |
  ALTER_CONFIGS;
export const ALL_CLUSTER_OPERATIONS = CREATE | ALTER | DESCRIBE | CLUSTER_ACTION | DESCRIBE_CONFIGS |
  ALTER_CONFIGS | IDEMPOTENT_WRITE;
export const ALL_GROUP_OPERATIONS = READ | DELETE | DESCRIBE | DESCRIBE_CONFIGS | ALTER_CONFIGS;
