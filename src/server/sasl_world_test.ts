/** What the tests of authentication have in common: a server with a real router, and an authenticator that does as it is told. */
import assert from "node:assert/strict";
import { Audit, OPEN_AUTHORIZER, QuotaGate } from "../engine/mod.ts";
import type { Authenticator, SaslExchange, SaslStep } from "../auth/mod.ts";
import { ErrorCode } from "../base/error_codes.ts";
import { KliteError } from "../base/klite_error.ts";
import type { ListenerProtocol } from "../base/listener.ts";
import { Principal } from "../base/principal.ts";
import { apiSettings } from "../broker/settings.ts";
import type { KliteEvent } from "../io/events.ts";
import type { SimClock } from "../io/sim/clock.ts";
import { SimNetwork, type SimSocket } from "../io/sim/network.ts";
import { simTelemetry } from "../io/sim/telemetry.ts";
import { apiVersionsRequest } from "../protocol/generated/api_versions_request.ts";
import {
  type ApiVersionsResponse,
  apiVersionsResponse,
} from "../protocol/generated/api_versions_response.ts";
import { saslAuthenticateRequest } from "../protocol/generated/sasl_authenticate_request.ts";
import {
  type SaslAuthenticateResponse,
  saslAuthenticateResponse,
} from "../protocol/generated/sasl_authenticate_response.ts";
import { saslHandshakeRequest } from "../protocol/generated/sasl_handshake_request.ts";
import {
  type SaslHandshakeResponse,
  saslHandshakeResponse,
} from "../protocol/generated/sasl_handshake_response.ts";
import { SIM_CONFIG, SimBroker } from "../../tests/support/sim_broker.ts";
import { WireClient } from "../../tests/support/wire_client.ts";
import type { ServerLimits } from "./limits.ts";
import { openAuthStage } from "./load.ts";
import { Router } from "./router.ts";
import { Server, type TlsListening } from "./server.ts";

/**
 * Believes everybody: `am NAME` is done, `am NAME until MS` for so long, `more` is a challenge, `quiet NAME` answers with
 * nothing, `doubt` is a challenge to one who has failed, `wait` waits for as long as the client is there, and all else has failed.
 */
export class TrustingAuthenticator implements Authenticator {
  readonly mechanisms = ["TRUST", "ALSO"];
  begun = 0;
  /** Clients that are waited for. */
  waiting = 0;
  readonly #clock: SimClock;

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  begin(mechanism: string): SaslExchange | null {
    if (!this.mechanisms.includes(mechanism)) return null;
    this.begun++;
    return {
      step: (message, gone) => {
        const text = new TextDecoder().decode(message);
        return text === "wait" ? this.#wait(gone) : Promise.resolve(this.#step(text));
      },
    };
  }

  #wait(gone: AbortSignal | undefined): Promise<SaslStep> {
    this.waiting++;
    return new Promise((_, reject) => {
      gone?.addEventListener("abort", () => {
        this.waiting--;
        reject(new KliteError("CONNECTION_CLOSED", "gone"));
      });
    });
  }

  #step(message: string): SaslStep {
    if (message === "more") return { kind: "challenge", bytes: utf8("go on") };
    if (message === "doubt") return { kind: "challenge", bytes: utf8("no"), refusal: "the token is bad" };
    const [, word, name, ms] = /^(am|quiet) (\w+)(?: until (\d+))?$/.exec(message) ?? [];
    if (name === undefined) {
      return { kind: "failed", reason: "the log's reason", message: "the client's message" };
    }
    return {
      kind: "done",
      bytes: utf8(word === "quiet" ? "" : "welcome"),
      principal: new Principal("User", name),
      endsAtMs: ms === undefined ? null : this.#clock.nowMs() + Number(ms),
      isToken: false,
    };
  }
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

const ADDRESS = { host: "", port: 9092 };

/** A client that authenticates, well or badly. */
export class SaslClient {
  readonly wire: WireClient;

  constructor(readonly socket: SimSocket) {
    this.wire = new WireClient({
      read: (into) => socket.read(into),
      write: (bytes) => socket.write(bytes).then(() => bytes.length),
      close: () => socket.close(),
    });
  }

  versions(version = 3): Promise<ApiVersionsResponse> {
    const software = { clientSoftwareName: "test", clientSoftwareVersion: "1" };
    return this.wire.send(apiVersionsRequest, apiVersionsResponse, version, software);
  }

  handshake(mechanism = "TRUST", version = 1): Promise<SaslHandshakeResponse> {
    return this.wire.send(saslHandshakeRequest, saslHandshakeResponse, version, { mechanism });
  }

  message(text: string, version = 2): Promise<SaslAuthenticateResponse> {
    return this.wire.send(saslAuthenticateRequest, saslAuthenticateResponse, version, {
      authBytes: utf8(text),
    });
  }

  /** All of it, as a client that behaves. */
  async authenticate(name: string, mechanism = "TRUST"): Promise<SaslAuthenticateResponse> {
    assert.equal((await this.handshake(mechanism)).errorCode, ErrorCode.NONE);
    return await this.message(`am ${name}`);
  }
}

export interface SaslWorld {
  readonly clock: SimClock;
  readonly network: SimNetwork;
  readonly server: Server;
  readonly events: KliteEvent[];
  readonly authenticator: TrustingAuthenticator;
  connect(fromHost?: string): SaslClient;
  /** Lets the world go on until `promise` settles. */
  run<T>(promise: Promise<T>): Promise<T>;
}

/** Runs `test` against a server with one listener, and stops that server. */
export async function withSasl(
  test: (world: SaslWorld) => Promise<void>,
  options: {
    readonly limits?: Partial<ServerLimits>;
    readonly protocol?: ListenerProtocol;
    readonly tls?: TlsListening;
    readonly connectionRate?: (host: string) => number | null;
  } = {},
): Promise<void> {
  // Whose engine answers; its own server is not asked.
  const broker = new SimBroker(1);
  await broker.start();
  const { engine } = broker.running;
  const { clock } = broker;
  const events: KliteEvent[] = [];
  const world = { clock, events: (event: KliteEvent) => void events.push(event) };
  const settings = apiSettings(SIM_CONFIG, "cluster", simTelemetry());
  const quotas = await QuotaGate.open(engine);
  const services = {
    engine,
    settings,
    quotas,
    authorizer: OPEN_AUTHORIZER,
    audit: new Audit(world),
    tokens: null,
  };
  const network = new SimNetwork();
  const authenticator = new TrustingAuthenticator(clock);
  const limits = options.limits ?? {};
  const server = new Server({
    ...world,
    network,
    handler: new Router(services),
    authStage: await openAuthStage({ ...world, authenticator }, limits),
    connectionRate: options.connectionRate ?? (() => null),
    onFatal: (error) => {
      throw error;
    },
    limits,
  });
  const protocol = options.protocol ?? "SASL_PLAINTEXT";
  server.listen(ADDRESS, { name: "TESTED", protocol, advertised: null }, options.tls);
  const clients: SaslClient[] = [];
  const connect = (fromHost?: string): SaslClient => {
    const client = new SaslClient(network.connect(ADDRESS, fromHost === undefined ? {} : { fromHost }));
    clients.push(client);
    return client;
  };
  try {
    await test({
      clock,
      network,
      server,
      events,
      authenticator,
      connect,
      run: (promise) => clock.run(promise),
    });
  } finally {
    await clock.run(server.stop(0));
    for (const client of clients) await clock.run(client.wire[Symbol.asyncDispose]());
    await broker.stop();
  }
  const { connections, unauthenticated, requestMemoryBytes, waitingForMemory } = server.stats;
  assert.deepEqual([connections, unauthenticated, waitingForMemory], [0, 0, 0]);
  assert.ok(requestMemoryBytes <= 32 * 2 ** 20);
}
