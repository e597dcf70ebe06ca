/** What a server allows its clients. Every bound on their use of memory and time is here. */
export interface ServerLimits {
  /** Bytes of one request, size prefix not counted. A longer one closes its connection. */
  readonly maxFrameBytes: number;
  /**
   * Bytes of requests that are being received, over all connections; never less than a request of the largest
   * size takes, with 16 MiB beside it for others. Not in it: what each connection and the read-ahead buffers
   * have, see `RequestMemory`.
   */
  readonly requestMemoryBytes: number;
  /** Connections at a time; more are closed as they come. */
  readonly maxConnections: number;
  /** The same, of one IP address. */
  readonly maxConnectionsPerAddress: number;
  /** Requests of one connection that may be worked on together. */
  readonly maxInFlight: number;
  /** Bytes of responses that one connection has not taken, from which its next request has to wait. */
  readonly maxUnsentBytes: number;
  /** Bytes of responses not taken, over all connections, from which requests other than produce have to wait. */
  readonly totalUnsentBytes: number;
  /** A connection on which nothing moves for so long is closed. */
  readonly idleMs: number;
  /** The same while the connection holds memory that others could use. */
  readonly stallMs: number;
  /** How long requests wait for clients that do not take their responses, before some of those are closed. */
  readonly unsentStallMs: number;
  /** How long a request may take to arrive while others wait for memory. */
  readonly frameDeadlineMs: number;
}

const MIB = 1024 * 1024;

export const defaultLimits: ServerLimits = {
  // Kafka's socket.request.max.bytes.
  maxFrameBytes: 100 * MIB,
  requestMemoryBytes: 116 * MIB,
  maxConnections: 10_000,
  maxConnectionsPerAddress: 10_000,
  maxInFlight: 64,
  maxUnsentBytes: MIB,
  // Fetches are given an eighth of what is left, so many can be answered although many others do not read.
  totalUnsentBytes: 32 * MIB,
  // Kafka's connections.max.idle.ms.
  idleMs: 10 * 60 * 1000,
  stallMs: 10_000,
  unsentStallMs: 2000,
  // Kafka clients give a request up after 30 s (request.timeout.ms): what arrives later arrives for nobody.
  frameDeadlineMs: 30_000,
};
