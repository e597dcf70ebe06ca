/** Features of Kafka's that clients may rely on: name and level (KIP-584). */
export const FEATURES: readonly (readonly [name: string, level: number])[] = [
  // Groups of the consumer protocol (KIP-848).
  ["group.version", 1],
  // The epoch is bumped at each end of a transaction, and writing adds partitions to it (KIP-890).
  ["transaction.version", 2],
];
