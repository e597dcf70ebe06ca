import {
  consoleHandler,
  type EventFigures,
  type Observed,
  type Readiness,
  type ServingBroker,
} from "../console/mod.ts";
import type { MetricsPage } from "../console/metrics/page.ts";
import { formatAddress } from "../io/address.ts";
import { KliteError } from "../base/klite_error.ts";
import { type Files, readSecret } from "../io/files.ts";
import type { BrokerConfig } from "./config.ts";
import type { Clock } from "../io/clock.ts";
import type { EventSink } from "../io/events.ts";
import type { Http, HttpResponse, HttpServer } from "../io/http.ts";
import type { Address } from "../io/network.ts";
import type { Telemetry } from "../io/telemetry.ts";

/** What serves clients, as far as its health goes. */
export interface Serving {
  readonly room: { readonly isRefusing: boolean };
  readonly tier: { troubles(): readonly string[] };
}

/** What the endpoint needs of the world, and what has been counted of events. */
export interface HealthIo {
  readonly figures: EventFigures;
  readonly http: Pick<Http, "serve">;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly files: Files;
}

/** Where it listens (`null`: nowhere), and the file with what is to be shown for more than a yes or no. */
export type HealthConfig = Pick<BrokerConfig, "healthAddress" | "healthTokenFile">;

/**
 * Health and metrics over HTTP, from before the log is opened to the end of the last
 * request. The broker says in which phase it is; nobody else can.
 */
export class HealthEndpoint implements Readiness {
  readonly #io: HealthIo;
  readonly #server: HttpServer | null;
  #metrics: Promise<MetricsPage> | null = null;
  #waits: readonly string[] = ["the start"];
  #engine: Serving | null = null;
  #serving: ServingBroker | null = null;

  private constructor(address: Address | null, token: string | null, io: HealthIo) {
    this.#io = io;
    this.#server = address === null
      ? null
      : io.http.serve(address, consoleHandler(this, () => this.#renderMetrics(), token));
  }

  /** Fails with `ADDRESS_UNAVAILABLE` when it cannot listen, and with `BAD_CONFIG` and those of `Files` for the token. */
  static async open(config: HealthConfig, io: HealthIo, events: EventSink): Promise<HealthEndpoint> {
    const { healthAddress, healthTokenFile } = config;
    const token = healthTokenFile === null ? null : await readSecret(io.files, healthTokenFile);
    if (token === "") throw new KliteError("BAD_CONFIG", `${healthTokenFile} is empty: it must hold a token`);
    const endpoint = new HealthEndpoint(healthAddress, token, io);
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
    this.#serving = null;
    this.#waits = [what];
  }

  /** Clients are served from now on, by `engine`; `broker` is what metrics are made of. */
  ready(engine: Serving, broker: ServingBroker | null): void {
    this.#engine = engine;
    this.#serving = broker;
    this.#waits = [];
  }

  async close(): Promise<void> {
    await this.#server?.close();
    (await this.#metrics)?.close();
  }

  async #renderMetrics(): Promise<HttpResponse> {
    return await (await (this.#metrics ??= this.#openMetrics())).render();
  }

  async #openMetrics(): Promise<MetricsPage> {
    const { MetricsPage } = await import("../console/metrics/page.ts");
    const { clock, telemetry, figures } = this.#io;
    const serving = (): ServingBroker | null => this.#serving;
    const observed: Observed = {
      clock,
      events: figures,
      get serving() {
        return serving();
      },
      processFigures: () => telemetry.processFigures(),
    };
    return new MetricsPage(observed);
  }
}
