/** What the tests of this room have in common: a server in a simulated network, its handler and its clients. */
import { concatBytes } from "../base/bytes.ts";
import type { KliteEvent } from "../io/events.ts";
import type { Socket } from "../io/network.ts";
import { SimClock } from "../io/sim/clock.ts";
import { SimNetwork, type SimNetworkOptions, type SimSocket } from "../io/sim/network.ts";
import type { ServerLimits } from "./limits.ts";
import type { ClientConnection, Reply, RequestHandler, ResponseReply } from "./request_handler.ts";
import { Server } from "./server.ts";

/** The API key of requests that may run side by side. */
export const PIPELINED = 0;
/** The API key of requests that run alone. */
export const EXCLUSIVE = 1;

/** From this size on a request that runs alone is a heavy one. */
export const HEAVY_BYTES = 16_384;

/** A request as tests see it. */
export interface TestRequest {
  readonly key: number;
  readonly id: number;
  readonly bodyBytes: number;
  readonly client: ClientConnection;
}

/** Bytes of a request, with its prefix: key, version 0, id, then a body in which byte i is i + id. */
export function requestBytes(key: number, id: number, bodyBytes = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + bodyBytes);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, bytes.length - 4);
  view.setInt16(4, key);
  view.setInt32(8, id);
  for (let at = 0; at < bodyBytes; at++) bytes[12 + at] = at + id;
  return bytes;
}

/** Only what announces a request. */
export function prefixBytes(size: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, size);
  return bytes;
}

/** Answers each request with its id and the length of its body, at once or when the test says so. */
export class TestHandler implements RequestHandler {
  /** Ids in the order in which they were started. */
  readonly started: number[] = [];
  /** Replies that were handed out and not released. */
  unreleased = 0;
  /** Most requests of one connection that were under way at a time. */
  mostUnderWay = 0;
  readonly #underWay = new Map<number, number>();
  /** Overridden by tests. */
  answer: (request: TestRequest) => Reply | Promise<Reply> = (request) => this.reply(request);

  isReady(): boolean {
    return true;
  }

  pipelines(frame: Uint8Array): boolean {
    return frame[1] === PIPELINED;
  }

  isHeavy(frame: Uint8Array): boolean {
    return frame.length >= HEAVY_BYTES;
  }

  handle(frame: Uint8Array, client: ClientConnection): Reply | Promise<Reply> {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    const request = { key: view.getInt16(0), id: view.getInt32(4), bodyBytes: frame.length - 8, client };
    const ofClient = this.#underWay.get(client.id) ?? 0;
    if (request.key === EXCLUSIVE && ofClient > 0) throw new RangeError("an exclusive request was not alone");
    checkBody(frame, request.id);
    this.started.push(request.id);
    const answer = this.answer(request);
    if (!(answer instanceof Promise)) return answer;
    this.#underWay.set(client.id, ofClient + 1);
    this.mostUnderWay = Math.max(this.mostUnderWay, ofClient + 1);
    return answer.finally(() => this.#underWay.set(client.id, this.#underWay.get(client.id)! - 1));
  }

  /** The id, the length of the body, and `padding` zeros. */
  reply({ id, bodyBytes }: { readonly id: number; readonly bodyBytes: number }, padding = 0): ResponseReply {
    const bytes = new Uint8Array(12 + padding);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, 8 + padding);
    view.setInt32(4, id);
    view.setInt32(8, bodyBytes);
    this.unreleased++;
    let released = false;
    return {
      kind: "response",
      bytes,
      release: () => {
        if (released) throw new RangeError("a reply was released twice");
        released = true;
        this.unreleased--;
        // Whoever sends a released buffer sends this.
        bytes.fill(0xff);
      },
    };
  }
}

function checkBody(frame: Uint8Array, id: number): void {
  for (let at = 8; at < frame.length; at++) {
    if (frame[at] !== ((at - 8 + id) & 0xff)) throw new RangeError(`byte ${at} of request ${id} is wrong`);
  }
}

/** A reply as a client reads it. */
export interface TestReply {
  readonly id: number;
  readonly bodyBytes: number;
}

/** A client's end of a connection. */
export class TestClient<S extends Socket = SimSocket> {
  readonly socket: S;
  #unread = new Uint8Array(0);
  /** Reads that gave something. */
  reads = 0;

  constructor(socket: S) {
    this.socket = socket;
  }

  send(...parts: readonly Uint8Array[]): Promise<void> {
    return this.socket.write(concatBytes(parts));
  }

  /** The next reply; `null` when the server has closed its side. */
  async reply(): Promise<TestReply | null> {
    for (;;) {
      const view = new DataView(this.#unread.buffer, this.#unread.byteOffset, this.#unread.length);
      const size = this.#unread.length < 4 ? Infinity : view.getInt32(0);
      if (this.#unread.length >= 4 + size) {
        const reply = { id: view.getInt32(4), bodyBytes: view.getInt32(8) };
        this.#unread = this.#unread.subarray(4 + size);
        return reply;
      }
      const into = new Uint8Array(65_536);
      const count = await this.socket.read(into);
      if (count === null) return null;
      this.reads++;
      this.#unread = concatBytes([this.#unread, into.subarray(0, count)]);
    }
  }

  /** The ids of the next `count` replies. */
  async ids(count: number): Promise<(number | undefined)[]> {
    const ids: (number | undefined)[] = [];
    for (let index = 0; index < count; index++) ids.push((await this.reply())?.id);
    return ids;
  }

  /** Whether the server ends the connection, and how. */
  async ending(): Promise<"closed" | "reset"> {
    try {
      while (await this.socket.read(new Uint8Array(65_536)) !== null);
      return "closed";
    } catch {
      return "reset";
    }
  }
}

/** A server in a network of its own. */
export interface TestWorld {
  readonly clock: SimClock;
  readonly network: SimNetwork;
  readonly handler: TestHandler;
  readonly server: Server;
  readonly events: KliteEvent[];
  readonly fatal: unknown[];
  connect(fromHost?: string): TestClient;
}

const ADDRESS = { host: "", port: 9092 };

/** What `promise` gives, which it has to within a minute of simulated time. */
export async function soon<T>(clock: SimClock, promise: Promise<T>): Promise<T> {
  const late = new Error("what is awaited does not come");
  const timer: { cancel?: () => void } = {};
  const tooLate = new Promise<never>((_, reject) => {
    timer.cancel = clock.setTimer(60_000, () => reject(late)).cancel;
  });
  try {
    return await clock.run(Promise.race([promise, tooLate]));
  } finally {
    timer.cancel?.();
  }
}

/** Runs `test` against a server, and stops that server. */
export async function withServer(
  test: (world: TestWorld) => Promise<void>,
  options: {
    readonly limits?: Partial<ServerLimits>;
    readonly network?: SimNetworkOptions;
    readonly expectsFatal?: boolean;
  } = {},
): Promise<void> {
  const clock = new SimClock();
  const network = new SimNetwork(options.network);
  const handler = new TestHandler();
  const events: KliteEvent[] = [];
  const fatal: unknown[] = [];
  const server = new Server({
    network,
    clock,
    handler,
    events: (event) => events.push(event),
    onFatal: (error) => fatal.push(error),
    authStage: null,
    connectionRate: () => null,
    limits: options.limits ?? {},
  });
  server.listen(ADDRESS);
  await test({
    clock,
    network,
    handler,
    server,
    events,
    fatal,
    connect: (fromHost) =>
      new TestClient(network.connect(ADDRESS, fromHost === undefined ? {} : { fromHost })),
  });
  await soon(clock, server.stop(0));
  assertNothingIsLeft(server, handler);
  if (fatal.length > 0 && !options.expectsFatal) throw fatal[0];
}

/** Why connections were closed, in order. */
export function closeReasons(events: readonly KliteEvent[]): string[] {
  return events.map((event) => event.type === "connection_closed" ? event.reason : event.type);
}

function assertNothingIsLeft(server: Server, handler: TestHandler): void {
  const { connections, unsentBytes, waitingForMemory } = server.stats;
  if (connections !== 0 || unsentBytes !== 0 || waitingForMemory !== 0) {
    throw new RangeError(`the server left ${JSON.stringify(server.stats)}`);
  }
  if (handler.unreleased !== 0) throw new RangeError("a reply was not released");
}
