/** What is asked of a store, as far as it is counted apart. */
export const STORE_OPERATIONS = ["get", "head", "put", "list", "delete"] as const;
export type StoreOperation = typeof STORE_OPERATIONS[number];

/** What is counted of one kind of request to a store. */
export interface OperationFigures {
  requests: number;
  /** Those that came to nothing for a reason of the store's; that an object is or is not there is an answer. */
  failures: number;
  /** Time that they took together. */
  seconds: number;
}

/** Counts of requests to a store, as plain data that goes from one thread to another. */
export interface StoreFigures {
  readonly operations: Readonly<Record<StoreOperation, OperationFigures>>;
  /** Bytes of objects put and read. */
  sentBytes: number;
  receivedBytes: number;
}

export function noStoreFigures(): StoreFigures {
  const none = () => ({ requests: 0, failures: 0, seconds: 0 });
  return {
    operations: { get: none(), head: none(), put: none(), list: none(), delete: none() },
    sentBytes: 0,
    receivedBytes: 0,
  };
}

/** Adds `more` to `sum`. */
export function addStoreFigures(sum: StoreFigures, more: StoreFigures): void {
  for (const operation of STORE_OPERATIONS) {
    const into = sum.operations[operation];
    const { requests, failures, seconds } = more.operations[operation];
    into.requests += requests;
    into.failures += failures;
    into.seconds += seconds;
  }
  sum.sentBytes += more.sentBytes;
  sum.receivedBytes += more.receivedBytes;
}
