import type { Address } from "./network.ts";

/** As much of a request as the console reads. */
export interface HttpRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The header of that name; `null` when there is none. */
  readonly authorization: string | null;
}

export interface HttpResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Answers one request. A throw becomes a 500 without details. */
export type HttpHandler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

/** A running HTTP listener. */
export interface HttpServer {
  /** The bound address, with the real port when 0 was asked for. */
  readonly address: Address;
  /** Stops accepting and waits for the requests that are being answered. Idempotent. */
  close(): Promise<void>;
}

/** HTTP, both sides, for health and the console. */
export interface Http {
  /** Binds and serves; `ADDRESS_UNAVAILABLE` when it cannot. */
  serve(address: Address, handler: HttpHandler): HttpServer;
  /** One GET; `CONNECTION_CLOSED` when there is no answer within `timeoutMs`. */
  get(address: Address, path: string, timeoutMs: number): Promise<HttpResponse>;
  /**
   * What stands at a URL, of any server's, which must give it itself: redirections are not followed.
   * `CONNECTION_CLOSED` when it is not to be had whole within `timeoutMs`, or is larger than `bytesMax`.
   */
  document(
    url: string,
    limits: { readonly timeoutMs: number; readonly bytesMax: number },
  ): Promise<Uint8Array<ArrayBuffer>>;
}
