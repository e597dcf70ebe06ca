import { assert } from "../base/assert.ts";
import { ErrorCode } from "../base/error_codes.ts";
import {
  AnswerAfter,
  type Api,
  APIS,
  type Call,
  CLOSE_CONNECTION,
  type Handled,
  NO_RESPONSE,
  type Services,
  unsupportedApiVersions,
} from "../apis/mod.ts";
import {
  ApiKey,
  beginFrame,
  decodeRequestHeader,
  encodeResponseHeader,
  endFrame,
  Reader,
  type RequestHeader,
  Writer,
} from "../protocol/mod.ts";
import type { Span, Tracer } from "../io/telemetry.ts";
import {
  type ClientConnection,
  CLOSE,
  NO_REPLY,
  type Reply,
  type RequestHandler,
  type ResponseReply,
} from "./request_handler.ts";
import type { SaslSession } from "./sasl_session.ts";
import { type ApiFigures, RequestFigures } from "./request_figures.ts";
import { eachError } from "./response_errors.ts";
import { WriterPool } from "./writer_pool.ts";

/** A response is all that its writer has. */
const FRAME_AT = 0;
/** Stands for the API of a response without a visit. */
const NO_API = -1;

/** From this size on a request is a heavy one. */
const HEAVY_REQUEST_BYTES = 16 * 1024;

/** Where errors are in the answers that are many or large; in all others they are searched for. */
const ERROR_PATHS: ReadonlyMap<number, readonly string[]> = new Map<number, readonly string[]>([
  [ApiKey.Produce, ["responses", "partitionResponses"]],
  [ApiKey.Fetch, ["responses", "partitions"]],
  [ApiKey.ListOffsets, ["topics", "partitions"]],
  [ApiKey.Metadata, ["topics", "partitions"]],
  [ApiKey.OffsetCommit, ["topics", "partitions"]],
  [ApiKey.ApiVersions, []],
  [ApiKey.JoinGroup, []],
  [ApiKey.SyncGroup, []],
  [ApiKey.Heartbeat, []],
  [ApiKey.ConsumerGroupHeartbeat, []],
]);

/** Answers to what may not come in the middle of an authentication. */
const TELLING: ReadonlyMap<number, object> = new Map([
  [ApiKey.SaslHandshake, { errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] }],
  [ApiKey.ApiVersions, { errorCode: ErrorCode.ILLEGAL_SASL_STATE, apiKeys: [] }],
]);

/** A request that is being handled, apart from its content. */
interface Visit {
  readonly api: Api;
  readonly header: RequestHeader;
  readonly figures: ApiFigures;
  readonly span: Span | null;
  readonly charge: Call["charge"];
  readonly sinceMs: number;
}

/**
 * From a frame to its API and back: header, version window, decoding, handling,
 * encoding. What does not make sense ends in a ProtocolError, hence the end of
 * that connection, as in Kafka.
 */
export class Router implements RequestHandler {
  readonly #services: Services;
  readonly #byKey: ReadonlyMap<number, Api>;
  readonly #reader = new Reader();
  readonly #writers = new WriterPool();
  readonly #tracer: Tracer | null;
  readonly #figures = new RequestFigures();

  constructor(services: Omit<Services, "apis">, options: { readonly tracer?: Tracer | null } = {}) {
    this.#tracer = options.tracer ?? null;
    this.#services = { ...services, apis: APIS };
    this.#byKey = new Map(APIS.map((api) => [api.key, api]));
  }

  /** What was counted, by API; those that nobody asked for are not among them. */
  requestCounts() {
    return Array.from(this.#figures, ([key, figures]) => {
      return { api: this.#byKey.get(key)?.name ?? String(key), ...figures };
    });
  }

  /** The first request of an API waits for its code. */
  isReady(frame: Uint8Array, { session, requestAtMs }: ClientConnection, resume: () => void): boolean {
    const api = this.#apiOf(frame);
    if (api === undefined || api.isLoaded) return true;
    if (session?.mayCome(api.key, requestAtMs) === false) return true;
    void api.load().then(resume);
    return false;
  }

  /** Produce requests may follow each other without waiting, unless they wait for room in the log. */
  pipelines(frame: Uint8Array, { session }: ClientConnection): boolean {
    if (session?.isOpen === false) return false;
    const api = this.#apiOf(frame);
    return api?.pipelined === true && api.isLoaded && !this.#services.engine.room.isBusy;
  }

  /** Decoded and answered, any request but produce can take fifty times its size. */
  isHeavy(frame: Uint8Array, { session }: ClientConnection): boolean {
    if (frame.length < HEAVY_REQUEST_BYTES || session?.isOpen === false) return false;
    return this.#apiOf(frame)?.pipelined !== true;
  }

  /** @throws ProtocolError when the frame is no request that is served. */
  handle(frame: Uint8Array<ArrayBuffer>, client: ClientConnection): Reply | Promise<Reply> {
    const { session, requestAtMs } = client;
    if (session === null || session.passes(keyOf(frame), requestAtMs)) return this.#serve(frame, client);
    return this.#authenticate(frame, client, session);
  }

  /** What belongs to an authentication, or should. A client that fails waits for it, and is then let go. */
  async #authenticate(
    frame: Uint8Array<ArrayBuffer>,
    client: ClientConnection,
    session: SaslSession,
  ): Promise<Reply> {
    const reply = session.takesMessage
      ? bareReply(await session.takeMessage(frame))
      : session.admits(keyOf(frame), client.requestAtMs)
      ? await this.#serve(frame, client)
      : this.#outOfTurn(frame, session);
    if (!session.hasFailed) return reply;
    if (reply.kind === "close" && reply.reason !== null) return reply;
    // Others may form their answers meanwhile.
    client.leaveTurn();
    await session.failureDelay();
    return { kind: "close", reason: null, last: reply.kind === "response" ? reply : undefined };
  }

  /** Refuses a request, and says so if it is one of those with an answer for it. */
  #outOfTurn(frame: Uint8Array<ArrayBuffer>, session: SaslSession): Reply {
    const { apiKey, apiVersion, correlationId } = decodeRequestHeader(this.#reader.reset(frame));
    const api = this.#byKey.get(apiKey);
    const { isInExchange } = session;
    const reason = session.refuse(api?.name ?? `API key ${apiKey}`);
    const telling = isInExchange ? TELLING.get(apiKey) : undefined;
    if (api === undefined || telling === undefined || !isServed(api, apiVersion)) {
      return { kind: "close", reason };
    }
    const writer = this.#begin(api.key, correlationId, api.code.responseHeaderVersion(apiVersion));
    api.code.encode(writer, telling, apiVersion);
    return this.#end(writer, null, 0);
  }

  #serve(frame: Uint8Array<ArrayBuffer>, client: ClientConnection): Reply | Promise<Reply> {
    const reader = this.#reader.reset(frame);
    const header = decodeRequestHeader(reader);
    const { apiKey, apiVersion: version } = header;
    const api = this.#byKey.get(apiKey);
    if (api === undefined || !isServed(api, version)) return this.#unsupported(header);
    const figures = this.#figures.of(apiKey);
    figures.requests++;
    const span = this.#tracer === null ? null : beginSpan(this.#tracer, api, header, frame.length);
    const charge = this.#charge(header, frame.length, client);
    const visit: Visit = { api, header, figures, span, charge, sinceMs: client.requestAtMs };
    const call: Call = { version, clientId: header.clientId, client, charge };
    const handled = api.code.serve(this.#services, reader, call);
    charge?.pause();
    if (handled instanceof Promise) {
      return handled.then((value) => this.#settle(visit, value, client, true));
    }
    return this.#settle(visit, handled, client, false);
  }

  /** Turns what a handler gave, at once or later, into a reply, once whatever it may tell of is durable. */
  #settle(
    visit: Visit,
    handled: Handled<object>,
    client: ClientConnection,
    isLate: boolean,
  ): Reply | Promise<Reply> {
    const { api, span, charge } = visit;
    if (handled === NO_RESPONSE || handled === CLOSE_CONNECTION) {
      span?.end();
      const muteMs = charge?.settle(false) ?? 0;
      if (handled === CLOSE_CONNECTION) return CLOSE;
      return muteMs === 0 ? NO_REPLY : { kind: "none", muteMs };
    }
    if (handled instanceof AnswerAfter) {
      const { response, durable } = handled;
      if (isLate) return durable.then(() => this.#reply(visit, response));
      return this.#reply(visit, response, durable);
    }
    const response = handled as object | (() => object);
    if (api.pipelined) return this.#reply(visit, response);
    const { engine } = this.#services;
    const pending = api.tellsOf === "topics" ? engine.topicsDurable() : engine.metadataDurable();
    if (pending === null && !isLate) return this.#reply(visit, response);
    const reply = () => this.#reply(visit, response);
    const inTurn = () => client.answerTurn()?.then(reply) ?? reply();
    return pending === null ? inTurn() : pending.then(inTurn);
  }

  #reply(visit: Visit, given: object | (() => object), after?: Promise<void>): Reply {
    const { figures, charge } = visit;
    const { code } = visit.api;
    const { apiVersion, correlationId } = visit.header;
    const writer = this.#begin(code.key, correlationId, code.responseHeaderVersion(apiVersion));
    charge?.resume();
    const response = typeof given === "function" ? given() : given;
    const muteMs = charge?.settle(true) ?? 0;
    code.encode(writer, muteMs === 0 ? response : { ...response, throttleTimeMs: muteMs }, apiVersion);
    charge?.pause();
    eachError(response, ERROR_PATHS.get(code.key) ?? null, figures);
    return this.#end(writer, visit, muteMs, after);
  }

  /** What the request takes from the quotas of its client, if there are any. */
  #charge(
    { apiKey, clientId }: RequestHeader,
    requestBytes: number,
    { principal, session }: ClientConnection,
  ) {
    const { enforcer } = this.#services.quotas;
    if (enforcer === null || session?.isOpen === false) return null;
    return enforcer.begin(principal, clientId, apiKey === ApiKey.Produce ? requestBytes : 0);
  }

  /** A version of ApiVersions that is not served is answered all the same, so that the client can ask again. */
  #unsupported(header: RequestHeader): Reply {
    const { apiKey, apiVersion, correlationId } = header;
    const apiVersions = this.#byKey.get(ApiKey.ApiVersions);
    if (apiKey === ApiKey.ApiVersions && apiVersions !== undefined) {
      const writer = this.#begin(apiKey, correlationId, 0);
      apiVersions.code.encode(writer, unsupportedApiVersions(apiVersions), 0);
      return this.#end(writer, null, 0);
    }
    return { kind: "close", reason: `API key ${apiKey} version ${apiVersion} is not served` };
  }

  #begin(apiKey: number, correlationId: number, headerVersion: number): Writer {
    const writer = this.#writers.take(apiKey);
    assert(beginFrame(writer) === FRAME_AT, "a writer begins with its frame");
    encodeResponseHeader(writer, correlationId, headerVersion);
    return writer;
  }

  #end(writer: Writer, visit: Visit | null, muteMs: number, after?: Promise<void>): Reply {
    endFrame(writer, FRAME_AT);
    return new WrittenResponse(this.#writers.fitted(writer), visit, muteMs, after, this.#writers);
  }

  #apiOf(frame: Uint8Array): Api | undefined {
    return this.#byKey.get(keyOf(frame));
  }
}

/** A response in a writer, which goes back when it is sent. */
class WrittenResponse implements ResponseReply {
  readonly kind = "response";
  readonly bytes: Uint8Array;
  readonly muteMs: number;
  readonly after: Promise<void> | undefined;
  readonly #writer: Writer;
  readonly #visit: Visit | null;
  readonly #writers: WriterPool;

  constructor(
    writer: Writer,
    visit: Visit | null,
    muteMs: number,
    after: Promise<void> | undefined,
    writers: WriterPool,
  ) {
    this.bytes = writer.bytes();
    this.muteMs = muteMs;
    this.after = after;
    this.#visit = visit;
    this.#writer = writer;
    this.#writers = writers;
  }

  answered(nowMs: number): void {
    if (this.#visit === null) return;
    const { figures, sinceMs, span } = this.#visit;
    figures.seconds.observe((nowMs - sinceMs) / 1000);
    span?.set("messaging.kafka.response.size", this.bytes.length);
    span?.end();
  }

  release(): void {
    this.#writers.giveBack(this.#writer, this.#visit?.api.key ?? NO_API);
  }
}

/** The API key of a request; -1 when the frame has none. */
function keyOf(frame: Uint8Array): number {
  return frame.length < 2 ? -1 : (frame[0]! << 8) | frame[1]!;
}

function isServed({ versions: [first, last] }: Api, version: number): boolean {
  return version >= first && version <= last;
}

/** A message of an authentication on its way to the client, without a header; `null`: there is none, and no more. */
function bareReply(message: Uint8Array | null): Reply {
  if (message === null) return { kind: "close", reason: null };
  const writer = new Writer();
  beginFrame(writer);
  writer.raw(message);
  endFrame(writer, FRAME_AT);
  return { kind: "response", bytes: writer.bytes(), release: () => writer.free() };
}

/** In OpenTelemetry's words for remote calls, where it has any. */
function beginSpan(tracer: Tracer, api: Api, header: RequestHeader, requestBytes: number): Span | null {
  const span = tracer.begin(`kafka ${api.name}`);
  span?.set("rpc.system", "kafka");
  span?.set("rpc.method", api.name);
  span?.set("messaging.kafka.api.version", header.apiVersion);
  span?.set("messaging.kafka.request.size", requestBytes);
  if (header.clientId !== null) span?.set("messaging.client.id", header.clientId);
  return span;
}
