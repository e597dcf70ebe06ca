import { assert } from "../base/assert.ts";
import type { ListenerInfo } from "../base/listener.ts";
import type { Principal } from "../base/principal.ts";
import type { StaticConfigs } from "../cluster/configs/mod.ts";
import type { OffsetLimits, TopicLimits } from "../cluster/mod.ts";
import type { Audit, Authorizer, Charge, Engine, QuotaGate, TokenKeeper } from "../engine/mod.ts";
import { ApiKey, type MessageCodec, type Reader, type Writer } from "../protocol/mod.ts";
import type { Session } from "./security/session.ts";

/** How an API sees the connection that a request came over. */
export interface Client {
  readonly remote: { readonly host: string; readonly port: number };
  /** The address of ours that the client connected to. */
  readonly local: { readonly host: string; readonly port: number };
  /** The listener that it came by. */
  readonly listener: ListenerInfo;
  /** Who the client is; `ANONYMOUS` where nobody has to say. */
  readonly principal: Principal;
  /** How it shows that over SASL; `null` on a listener where it need not. */
  readonly session: Session | null;
  /** What the client says it is (KIP-511), for the logs; empty until it has. */
  softwareName: string;
  softwareVersion: string;
  /** Calls `listener` once when nobody waits for an answer any more, or soon will not. */
  onEnding(listener: () => void): void;
  /** Takes a listener back. */
  offEnding(listener: () => void): void;
  /** How large an answer should be now, where that is a matter of choice. */
  readonly answerBytesMax: number;
  /** Waits until there is memory to gather what an answer is formed of; `undefined` if there is. */
  answerTurn(): Promise<void> | undefined;
  /** Lets others have their turn: the request goes on to wait for something that may take long. */
  leaveTurn(): void;
}

/** One request, apart from its body. */
export interface Call {
  readonly version: number;
  readonly clientId: string | null;
  readonly client: Client;
  /** What it takes from the client's quotas; `null` when none is for the client. */
  readonly charge: Charge | null;
}

/** What the operator decided, as far as requests are concerned. */
export interface ApiSettings {
  readonly clusterId: string;
  readonly nodeId: number;
  readonly autoCreateTopics: boolean;
  readonly topicLimits: TopicLimits;
  readonly offsetLimits: OffsetLimits;
  /** From which severity on log lines are written; may be changed. */
  readonly logThreshold: { level: "debug" | "info" | "warn" | "error" };
  /** Answer acks=1 before the fsync, as Kafka does. Acknowledged records can be lost. */
  readonly ackBeforeSync: boolean;
  /** Look into compressed batches before they are stored. */
  readonly strictBatches: boolean;
  /** All of it as configs of Kafka's broker. */
  readonly kafkaConfigs: () => StaticConfigs;
}

/** What handlers work with. */
export interface Services {
  readonly engine: Engine;
  readonly settings: ApiSettings;
  /** Who may do what; ask it of `call.client`. */
  readonly authorizer: Authorizer;
  /** Who changes users, tokens, rights or quotas is told of here, with what. */
  readonly audit: Audit;
  readonly quotas: QuotaGate;
  /** Delegation tokens; `null` when the operator wants none. */
  readonly tokens: TokenKeeper | null;
  /** All APIs that are served, for ApiVersions. */
  readonly apis: readonly Api[];
}

/** The request gets no answer (Produce with acks=0). */
export const NO_RESPONSE = Symbol("no response");
/** The connection is closed: the only way to report an error that has no answer. */
export const CLOSE_CONNECTION = Symbol("close connection");

/** An answer that is known, but must not be given before something is durable. It is encoded at once. */
export class AnswerAfter<Response> {
  constructor(readonly response: Response, readonly durable: Promise<void>) {}
}

/**
 * What a handler gives. A function is called at the very moment when the answer
 * is encoded: it may hand out views of memory that do not outlive the moment.
 */
export type Handled<Response> =
  | Response
  | (() => Response)
  | AnswerAfter<Response>
  | typeof NO_RESPONSE
  | typeof CLOSE_CONNECTION;

/** An API as written: one file each. Its versions stand in the table (`mod.ts`). */
export interface ApiSpec<Request, Response extends object> {
  readonly request: MessageCodec<Request, never>;
  readonly response: MessageCodec<unknown, Response>;
  readonly handle: (
    services: Services,
    request: Request,
    call: Call,
  ) => Handled<Response> | Promise<Handled<Response>>;
}

/** The code of an API as the router sees it: types of its messages are its own affair. */
export interface ApiCode {
  readonly key: number;
  responseHeaderVersion(version: number): number;
  /**
   * Decodes a request's body and acts on it.
   * @throws ProtocolError when the bytes are no such request.
   */
  serve(services: Services, reader: Reader, call: Call): Handled<object> | Promise<Handled<object>>;
  /** Encodes what `serve` answered. */
  encode(writer: Writer, response: object, version: number): void;
}

/** Binds a handler to its message's codecs; the one place where their types meet. */
export function defineApi<Request, Response extends object>(spec: ApiSpec<Request, Response>): ApiCode {
  const { request, response, handle } = spec;
  return {
    key: request.apiKey,
    responseHeaderVersion: (version) => response.headerVersion(version),
    serve: (services, reader, call) => handle(services, request.decode(reader, call.version), call),
    encode: (writer, value, version) => response.encode(writer, value as Response, version),
  };
}

/** What few APIs have. */
export interface ApiOptions {
  /** First version that ApiVersions names, where Kafka names one that it does not serve. */
  readonly advertisedFrom?: number;
  /** Whether a connection's next request may start before this one is answered. */
  readonly pipelined?: boolean;
  /**
   * Which changes an answer may tell of: it waits until those made so far are durable, and never for others.
   * Default: any change.
   */
  readonly tellsOf?: "anything" | "topics";
}

/**
 * A line of the table: what is to be known of an API before anybody asks for it. Handler and codecs are loaded by
 * the first request, so that a broker at rest costs the same however many APIs there are.
 */
export class Api {
  readonly key: number;
  readonly advertisedFrom: number;
  readonly pipelined: boolean;
  readonly tellsOf: "anything" | "topics";
  readonly #import: () => Promise<ApiCode>;
  #loading: Promise<void> | undefined;
  #code: ApiCode | undefined;
  #error: unknown;

  /** `versions` are the first and the last that are served. */
  constructor(
    readonly name: keyof typeof ApiKey,
    readonly versions: readonly [number, number],
    load: () => Promise<ApiCode>,
    options: ApiOptions = {},
  ) {
    this.key = ApiKey[name];
    this.advertisedFrom = options.advertisedFrom ?? versions[0];
    this.pipelined = options.pipelined ?? false;
    this.tellsOf = options.tellsOf ?? "anything";
    this.#import = load;
  }

  /** Whether {@link code} can be asked for. */
  get isLoaded(): boolean {
    return this.#code !== undefined || this.#error !== undefined;
  }

  /** What {@link load} has loaded. Throws what stood in its way. */
  get code(): ApiCode {
    if (this.#code === undefined) throw this.#error;
    return this.#code;
  }

  /** Loads the code, once. Never rejects: what is wrong with it is thrown by {@link code}. */
  load(): Promise<void> {
    return this.#loading ??= this.#import().then(
      (code) => {
        assert(code.key === this.key, `the code of ${this.name} serves it`);
        this.#code = code;
      },
    ).catch((error) => {
      this.#error = error;
    });
  }
}
