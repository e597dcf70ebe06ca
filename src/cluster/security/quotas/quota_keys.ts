/** Bytes of Produce requests in a second. */
export const PRODUCER_BYTE_RATE = "producer_byte_rate";
/** Bytes of records of Fetch responses in a second. */
export const CONSUMER_BYTE_RATE = "consumer_byte_rate";
/** Time that requests are worked on, in percent of the time that there is (KIP-124). */
export const REQUEST_PERCENTAGE = "request_percentage";
/** Partitions made and deleted in a second (KIP-599). */
export const CONTROLLER_MUTATION_RATE = "controller_mutation_rate";
/** Connections in a second (KIP-612). */
export const CONNECTION_CREATION_RATE = "connection_creation_rate";

/** What may be set for something, by Kafka's name: the largest value where it has to be whole, else `null`. */
export type QuotaKeys = ReadonlyMap<string, number | null>;

const LONG_MAX = 2 ** 63;
const INT_MAX = 2 ** 31 - 1;

/** For users and client ids. */
export const CLIENT_KEYS: QuotaKeys = new Map([
  [PRODUCER_BYTE_RATE, LONG_MAX],
  [CONSUMER_BYTE_RATE, LONG_MAX],
  [REQUEST_PERCENTAGE, null],
  [CONTROLLER_MUTATION_RATE, null],
]);

/** For addresses. */
export const ADDRESS_KEYS: QuotaKeys = new Map([[CONNECTION_CREATION_RATE, INT_MAX]]);
