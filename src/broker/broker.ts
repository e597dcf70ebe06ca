import { assert } from "../base/assert.ts";
import { KliteError } from "../base/klite_error.ts";
import type { Authenticator, AuthenticatorIo } from "../auth/mod.ts";
import { usesTls } from "../base/listener.ts";
import { decideCreateTopic } from "../cluster/mod.ts";
import { counting, EventFigures, type ServingBroker } from "../console/mod.ts";
import {
  Audit,
  type Engine,
  OffsetExpiry,
  openAuthorizer,
  QuotaGate,
  type TierParts,
} from "../engine/mod.ts";
import { formatAddress } from "../io/address.ts";
import type { Clock } from "../io/clock.ts";
import type { Disk, DiskLock } from "../io/disk.ts";
import type { EventSink } from "../io/events.ts";
import type { Files } from "../io/files.ts";
import type { Http } from "../io/http.ts";
import type { Address, Network } from "../io/network.ts";
import type { Random } from "../io/random.ts";
import type { Telemetry } from "../io/telemetry.ts";
import { openAuthStage, Router, Server } from "../server/mod.ts";
import type { Certificates } from "./certificates.ts";
import type { AuthenticationParts } from "./authentication.ts";
import type { Claim } from "./claim.ts";
import type { BrokerConfig } from "./config.ts";
import { type DataIdentity, LOCK_FILE, openDataDirectory } from "./data_directory.ts";
import { HealthEndpoint } from "./health_endpoint.ts";
import { listenerPlans } from "./listeners.ts";
import { objectHome } from "./object_home.ts";
import { BrokerObjects, type ObjectsProvider, publicAddress, tierSettings } from "./objects.ts";
import { openEngine } from "./open_engine.ts";
import { aclSettings, apiSettings, serverLimits, topicLimits } from "./settings.ts";
import { brokerTokens } from "./tokens.ts";

/** The world, handed in. */
export interface Io {
  /** The data directory. */
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly http: Http;
  readonly objects: ObjectsProvider;
  /** Those that the config names: certificates, secrets, users. */
  readonly files: Files;
  readonly telemetry: Telemetry;
}

/** Requests in flight get this long to finish when the broker stops. */
const STOP_DEADLINE_MS = 10_000;

/** A broker that serves: everything put together, in the order in which it must start and stop. */
export class Broker {
  /** Rejects when the broker cannot go on; never fulfilled. */
  readonly failed: Promise<never>;
  /** Where each listener is bound, by its name, the one of `--listen` first. */
  readonly addresses: ReadonlyMap<string, Address>;
  readonly engine: Engine;
  readonly #server: Server;
  readonly #certificates: Certificates | null;
  readonly #health: HealthEndpoint;
  readonly #lock: DiskLock;
  readonly #objects: BrokerObjects;
  /** The right to a cluster in a bucket; `null` without one. */
  readonly #claim: Claim | null;
  readonly #events: EventSink;

  private constructor(parts: {
    failed: Promise<never>;
    addresses: ReadonlyMap<string, Address>;
    engine: Engine;
    server: Server;
    certificates: Certificates | null;
    health: HealthEndpoint;
    lock: DiskLock;
    objects: BrokerObjects;
    claim: Claim | null;
    events: EventSink;
  }) {
    this.failed = parts.failed;
    this.addresses = parts.addresses;
    this.engine = parts.engine;
    this.#server = parts.server;
    this.#certificates = parts.certificates;
    this.#health = parts.health;
    this.#lock = parts.lock;
    this.#objects = parts.objects;
    this.#claim = parts.claim;
    this.#events = parts.events;
  }

  /** Where the listener of `--listen` is bound. */
  get address(): Address {
    const [first] = this.addresses.values();
    assert(first !== undefined, "there is always a listener");
    return first;
  }

  /**
   * Recovers the data directory and starts to serve.
   * @throws KliteError LOCKED, INCOMPATIBLE, DATA_DAMAGED or ADDRESS_UNAVAILABLE; with a bucket LEASE_HELD and the store's.
   */
  static async open(config: BrokerConfig, io: Io, sink: EventSink): Promise<Broker> {
    const startedMs = io.clock.monotonicMs();
    const figures = new EventFigures();
    const { failed, fail, events } = watchFailure(counting(sink, figures, io.clock));
    const health = await HealthEndpoint.open(config, { ...io, figures }, events);
    const objects = new BrokerObjects(io.objects, config);
    let lock: DiskLock | undefined;
    let claim: Claim | null = null;
    let engine: Engine | undefined;
    let certificates: Certificates | null = null;
    let server: Server | undefined;
    try {
      io.disk.makeDir(".");
      lock = io.disk.lock(LOCK_FILE);
      certificates = await openCertificates(config, io, events);
      if (config.s3Bucket !== null) {
        health.waitFor("the bucket");
        claim = await claimBucket(config, io, objects, events, fail);
      }
      const identity = claim?.identity ??
        await openDataDirectory(io.disk, io.random, config.clusterId, objectHome(config));
      health.waitFor("the log's replay");
      const tier: TierParts = {
        settings: tierSettings(config),
        clusterId: identity.clusterId,
        openJobs: () => objects.open(identity.clusterId),
        mayChangeObjects: () => claim?.lease.isConfirmed ?? true,
        confirmLease: () => claim?.lease.renew() ?? Promise.resolve(true),
      };
      engine = await openEngine(config, io, identity, claim, tier, telling(claim, events), fail);
      await createDeclaredTopics(engine, config);
      new OffsetExpiry(engine, {
        retentionMs: config.offsetsRetentionMs,
        intervalMs: config.offsetsCheckIntervalMs,
      });

      const audit = new Audit({ ...io, events });
      const services = {
        engine,
        settings: apiSettings(config, identity.clusterId, io.telemetry),
        audit,
        quotas: await QuotaGate.open(engine),
        authorizer: await openAuthorizer(engine.state.security.acls, aclSettings(config), audit),
        tokens: await brokerTokens(config, io.files, engine),
      };
      const parts = { engine, tokens: services.tokens, decoyKey: identity.logId };
      const authenticator = await openSasl(config, parts, { ...io, events });
      const router = new Router(services, { tracer: io.telemetry.tracer });
      const limits = serverLimits(config);
      server = new Server({
        ...io,
        events,
        handler: router,
        authStage: authenticator === null
          ? null
          : await openAuthStage({ ...io, events, authenticator }, limits),
        connectionRate: (host) => services.quotas.connectionsPerSecond(host),
        limits,
        onFatal: fail,
      });
      const addresses = listenAll(config, server, certificates);
      health.ready(engine, observedBroker(config, identity, services, server, router));
      engine.tier.start();
      events({
        type: "broker_started",
        listen: formatListeners(addresses),
        clusterId: identity.clusterId,
        startMs: io.clock.monotonicMs() - startedMs,
      });
      return new Broker({
        failed,
        addresses,
        engine,
        server,
        certificates,
        health,
        lock,
        objects,
        claim,
        events,
      });
    } catch (error) {
      certificates?.close();
      // One listener may be open when the next cannot be.
      await server?.stop(0);
      await engine?.close();
      await claim?.release();
      await objects.close();
      lock?.release();
      await health.close();
      throw error;
    }
  }

  /** Finishes what is in flight, makes it durable and lets everything go. */
  async stop(reason: string): Promise<void> {
    this.#events({ type: "broker_stopping", reason });
    this.#health.waitFor("the last requests");
    this.engine.fetchWaiters.close();
    this.#certificates?.close();
    await this.#server.stop(STOP_DEADLINE_MS);
    this.#health.waitFor("the last records to be stored");
    await this.#claim?.lease.confirm();
    await this.engine.tier.flushAll();
    await this.engine.close();
    if (this.engine.tier.mayStillPut) this.#claim?.lease.leave();
    else await this.#claim?.release();
    await this.#objects.close();
    this.#lock.release();
    await this.#health.close();
    this.#events({ type: "broker_stopped" });
  }
}

/** How clients authenticate over SASL; nothing of it is loaded when nobody has to. */
async function openSasl(
  config: BrokerConfig,
  parts: AuthenticationParts,
  io: AuthenticatorIo,
): Promise<Authenticator | null> {
  if (!config.saslEnabled) return null;
  const { brokerAuthenticator } = await import("./authentication.ts");
  return await brokerAuthenticator(config, parts, io);
}

/** What the TLS listeners show; nothing of it is loaded when there are none. */
async function openCertificates(
  config: BrokerConfig,
  io: Io,
  events: EventSink,
): Promise<Certificates | null> {
  if (!listenerPlans(config).some(usesTls)) return null;
  const { Certificates } = await import("./certificates.ts");
  return await Certificates.open(config, { ...io, events });
}

/** Binds all listeners; answers where, by their names. */
function listenAll(
  config: BrokerConfig,
  server: Server,
  certificates: Certificates | null,
): ReadonlyMap<string, Address> {
  const addresses = new Map<string, Address>();
  for (const plan of listenerPlans(config)) {
    const tls = usesTls(plan) ? certificates?.listening(plan) : undefined;
    addresses.set(plan.name, server.listen(plan.address, plan, tls));
  }
  return addresses;
}

/** What metrics are made of. */
function observedBroker(
  config: BrokerConfig,
  { clusterId }: DataIdentity,
  { engine, quotas, audit }: Pick<ServingBroker, "engine" | "quotas" | "audit">,
  server: Server,
  router: Router,
): ServingBroker {
  return {
    engine,
    quotas,
    audit,
    clusterId,
    nodeId: config.nodeId,
    logBytesMax: config.walMaxDiskBytes,
    network: () => server.stats,
    requests: () => router.requestCounts(),
  };
}

/** What ends a broker is said once, by whoever waits for `failed`, and not for each request that it ends, too. */
function watchFailure(sink: EventSink) {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  // Whoever opened the broker listens; until then a failure must not count as nobody's.
  failed.catch(() => {});
  let cause: unknown = null;
  const fail = (error: unknown): void => {
    cause ??= error;
    reject(error);
  };
  const events: EventSink = (event) => {
    if (!("error" in event && event.error === cause)) sink(event);
  };
  return { failed, fail, events };
}

/** Takes the cluster in the bucket for this broker, and fills an empty data directory with what is there. */
async function claimBucket(
  config: BrokerConfig,
  io: Io,
  objects: BrokerObjects,
  events: EventSink,
  onLost: (error: unknown) => void,
): Promise<Claim> {
  const { claimCluster } = await import("./claim.ts");
  return await claimCluster({
    ...io,
    openStore: async (clusterId) => (await objects.open(clusterId)).store,
    events,
    clusterId: config.clusterId,
    acceptDataLoss: config.acceptDataLoss,
    objectHome: objectHome(config),
    times: config,
    address: publicAddress(config),
    onLost,
  });
}

/** What is stored goes into the lease: a data directory that is older is known by it. */
function telling(claim: Claim | null, events: EventSink): EventSink {
  if (claim === null) return events;
  return (event) => {
    if (event.type === "snapshot_stored") claim.lease.noteStored(event.lsn);
    events(event);
  };
}

/** Makes the topics of `--topic` that do not exist yet. Those that do keep their partitions. */
async function createDeclaredTopics(engine: Engine, config: BrokerConfig): Promise<void> {
  for (const { name, partitions } of config.topics) {
    if (engine.state.topic(name) !== undefined) continue;
    const command = { name, partitions, replicationFactor: -1, assignments: [], configs: [] };
    const id = engine.newTopicId();
    const refusal = await engine.execute((state) =>
      decideCreateTopic(state, command, topicLimits(config), id)
    );
    if (refusal !== null) {
      throw new KliteError("BAD_CONFIG", `The topic ${name} of --topic cannot be made: ${refusal.message}`);
    }
  }
  await engine.metadataDurable();
}

/** The one address that is listened at, or all of them with the names of their listeners. */
function formatListeners(addresses: ReadonlyMap<string, Address>): string {
  const all = Array.from(addresses, ([name, address]) => ({ name, text: formatAddress(address) }));
  const [first] = all;
  return all.length === 1 && first !== undefined
    ? first.text
    : all.map(({ name, text }) => `${name}://${text}`).join();
}
