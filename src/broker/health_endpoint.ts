import { healthHandler, type Readiness } from "../console/mod.ts";
import { formatAddress } from "../io/address.ts";
import type { EventSink } from "../io/events.ts";
import type { Http, HttpServer } from "../io/http.ts";
import type { Address } from "../io/network.ts";

/** What serves clients, as far as its health goes. */
export interface Serving {
  readonly room: { readonly isRefusing: boolean };
  readonly tier: { troubles(): readonly string[] };
}

/**
 * Health over HTTP, from before the log is opened to the end of the last
 * request. The broker says in which phase it is; nobody else can.
 */
export class HealthEndpoint implements Readiness {
  readonly #server: HttpServer | null;
  #waits: readonly string[] = ["the start"];
  #engine: Serving | null = null;

  private constructor(address: Address | null, http: Http) {
    this.#server = address === null ? null : http.serve(address, healthHandler(this));
  }

  /** Listens on `address`, or nowhere when it is `null`; `ADDRESS_UNAVAILABLE` when it cannot. */
  static open(address: Address | null, http: Http, events: EventSink): HealthEndpoint {
    const endpoint = new HealthEndpoint(address, http);
    const bound = endpoint.#server?.address;
    if (bound !== undefined) events({ type: "health_listening", address: formatAddress(bound) });
    return endpoint;
  }

  waitingFor(): readonly string[] {
    if (this.#waits.length > 0 || this.#engine?.room.isRefusing !== true) return this.#waits;
    return ["room in the log"];
  }

  troubles(): readonly string[] {
    return this.#engine?.tier.troubles() ?? [];
  }

  /** Not ready until then. `what` completes "waiting for": "the log's replay", "the last requests". */
  waitFor(what: string): void {
    this.#engine = null;
    this.#waits = [what];
  }

  /** Clients are served from now on, by `engine`. */
  ready(engine: Serving): void {
    this.#engine = engine;
    this.#waits = [];
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }
}
