/** What the SDK hands over, as far as it is used here. */
interface OutgoingRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface IncomingResponse {
  readonly statusCode: number;
  readonly reason: string;
  readonly headers: Record<string, string>;
  readonly body: ReadableStream<Uint8Array> | Uint8Array;
}

/**
 * The SDK's way to the network: `fetch`, over kept connections of its own. Its reads are twice as fast as those of
 * the SDK's own way through `node:http`.
 */
export class FetchHandler {
  readonly #client = Deno.createHttpClient({ http2: false });

  async handle(
    request: OutgoingRequest,
    { abortSignal }: { readonly abortSignal?: unknown } = {},
  ): Promise<{ response: IncomingResponse }> {
    const { method, protocol, hostname, port, path, query, headers, body } = request;
    const url = `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}${queryText(query)}`;
    const response = await fetch(url, {
      client: this.#client,
      method,
      headers: withoutComputed(headers),
      redirect: "manual",
      body: isBody(body) ? body : null,
      signal: abortSignal instanceof AbortSignal ? abortSignal : null,
    });
    return {
      response: {
        statusCode: response.status,
        reason: response.statusText,
        headers: Object.fromEntries(response.headers),
        body: response.body ?? new Uint8Array(0),
      },
    };
  }

  destroy(): void {
    this.#client.close();
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): Record<string, never> {
    return {};
  }
}

function isBody(body: unknown): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === "string" || body instanceof Uint8Array;
}

/** `fetch` gives these itself, and takes them from nobody. */
function withoutComputed(headers: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(headers).filter(([name]) => !/^(?:host|content-length)$/i.test(name));
}

function queryText(query: OutgoingRequest["query"]): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      pairs.push(one === null ? encode(name) : `${encode(name)}=${encode(one)}`);
    }
  }
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

/** As the signature has it: of all characters only the unreserved ones as they are. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
