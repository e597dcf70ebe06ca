import { concatBytes } from "../../base/bytes.ts";
import { KliteError } from "../../base/klite_error.ts";
import { formatAddress } from "../address.ts";
import type { Http, HttpHandler, HttpResponse, HttpServer } from "../http.ts";
import type { Address } from "../network.ts";

/** HTTP over `Deno.serve` and `fetch`. */
export class DenoHttp implements Http {
  serve(address: Address, handler: HttpHandler): HttpServer {
    // `::` takes IPv4 too; a machine without IPv6 refuses it.
    const hosts = address.host === "" ? ["::", "0.0.0.0"] : [address.host];
    let cause: unknown;
    for (const hostname of hosts) {
      try {
        return serveOn(hostname, address.port, handler);
      } catch (error) {
        cause = error;
        if (error instanceof Deno.errors.AddrInUse) break;
      }
    }
    throw new KliteError("ADDRESS_UNAVAILABLE", `cannot listen on ${formatAddress(address)}`, { cause });
  }

  async get(address: Address, path: string, timeoutMs: number): Promise<HttpResponse> {
    const where = formatAddress(address);
    try {
      const response = await fetch(`http://${where}${path}`, { signal: AbortSignal.timeout(timeoutMs) });
      const body = await response.text();
      return { status: response.status, contentType: response.headers.get("content-type") ?? "", body };
    } catch (cause) {
      throw noAnswer(`${where}${path}`, timeoutMs, cause);
    }
  }

  async document(
    url: string,
    { timeoutMs, bytesMax }: { readonly timeoutMs: number; readonly bytesMax: number },
  ): Promise<Uint8Array<ArrayBuffer>> {
    // What is asked for may be a secret: it stays out of messages.
    const { origin, pathname } = new URL(url);
    const where = `${origin}${pathname}`;
    const problem = (text: string) =>
      new KliteError("CONNECTION_CLOSED", `${where}: ${text}`, { retriable: true });
    try {
      const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
      const parts: Uint8Array[] = [];
      let bytes = 0;
      for await (const part of response.body ?? []) {
        bytes += part.length;
        if (bytes > bytesMax) throw problem(`more than ${bytesMax} bytes`);
        parts.push(part);
      }
      if (response.status !== 200) throw problem(`the answer is ${response.status}`);
      return concatBytes(parts);
    } catch (cause) {
      throw cause instanceof KliteError ? cause : noAnswer(where, timeoutMs, cause);
    }
  }
}

function noAnswer(where: string, timeoutMs: number, cause: unknown): KliteError {
  const timedOut = cause instanceof DOMException && cause.name === "TimeoutError";
  const reason = timedOut ? `no answer within ${timeoutMs} ms` : "nothing answers there";
  return new KliteError("CONNECTION_CLOSED", `${where}: ${reason}`, { retriable: true, cause });
}

function serveOn(hostname: string, port: number, handler: HttpHandler): HttpServer {
  const options: Deno.ServeTcpOptions = {
    hostname,
    port,
    onListen: () => {},
    onError: () => new Response("internal error\n", { status: 500 }),
  };
  const server = Deno.serve(options, async (request) => {
    const { pathname } = new URL(request.url);
    const { status, contentType, body } = await handler({
      method: request.method,
      path: pathname,
      authorization: request.headers.get("authorization"),
    });
    const headers = { "content-type": contentType, "cache-control": "no-store" };
    return new Response(request.method === "HEAD" ? null : body, { status, headers });
  });
  return {
    address: { host: server.addr.hostname, port: server.addr.port },
    close: () => server.shutdown(),
  };
}
