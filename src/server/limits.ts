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
  /** New ones a second of one IP address, where no quota says otherwise. */
  readonly maxConnectionRatePerAddress: number;
  /** Connections that have yet to authenticate; see `Unauthenticated` for who goes when there are more. */
  readonly maxUnauthenticated: number;
  /** How long it may take to authenticate. */
  readonly authenticationMs: number;
  /** Bytes of one request until then. */
  readonly maxUnauthenticatedFrameBytes: number;
  /** What {@link requestMemoryBytes} is for the others, for those connections. */
  readonly unauthenticatedMemoryBytes: number;
  /** How long a client that failed to authenticate waits for its answer. */
  readonly failureDelayMs: number;
  /** After so long a client has to authenticate again (KIP-368); 0 for never. */
  readonly maxSessionMs: number;
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

const KIB = 1024;
const MIB = 1024 * KIB;

export const defaultLimits: ServerLimits = {
  // Kafka's socket.request.max.bytes.
  maxFrameBytes: 100 * MIB,
  requestMemoryBytes: 116 * MIB,
  maxConnections: 10_000,
  maxConnectionsPerAddress: 10_000,
  maxConnectionRatePerAddress: Infinity,
  maxUnauthenticated: 1000,
  authenticationMs: 10_000,
  // Kafka's sasl.server.max.receive.size.
  maxUnauthenticatedFrameBytes: 512 * KIB,
  unauthenticatedMemoryBytes: 4 * MIB,
  // Kafka's connection.failed.authentication.delay.ms.
  failureDelayMs: 100,
  // Kafka's connections.max.reauth.ms.
  maxSessionMs: 0,
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
