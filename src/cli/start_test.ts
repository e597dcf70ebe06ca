import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import { AssertionError } from "../base/assert.ts";
import { KliteError } from "../base/klite_error.ts";
import type { BrokerConfig } from "../broker/mod.ts";
import type { KliteEvent } from "../io/events.ts";
import { runCli } from "./mod.ts";
import { Exited, ProcessInMemory } from "./testing/process_in_memory.ts";
import type { RunningBroker, World } from "./world.ts";

/** A world whose broker is a few promises; the test settles some and waits for others. */
class Stage {
  readonly process: ProcessInMemory;
  readonly events: KliteEvent[] = [];
  readonly exitCode: Promise<number>;

  readonly #asked = Promise.withResolvers<BrokerConfig>();
  readonly #served = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<string>();
  /** The broker was asked for, with this config. */
  readonly asked = this.#asked.promise;
  /** It was opened and is watched for failure. */
  readonly served = this.#served.promise;
  /** It was asked to stop, for this reason. */
  readonly stopped = this.#stopped.promise;
  wasAsked = false;
  wasStopped = false;

  readonly opening = Promise.withResolvers<void>();
  readonly failing = Promise.withResolvers<never>();
  readonly stopping = Promise.withResolvers<void>();

  constructor(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
    this.process = new ProcessInMemory(args, variables);
    const world: World = {
      process: this.process,
      openDoctor: () => Promise.reject(new Error("nobody is ill")),
      openLog: () => Promise.resolve((event) => void this.events.push(event)),
      openBroker: (config) => this.#open(config),
      openProbe: () => Promise.reject(new Error("nothing to ask with")),
      openInspection: () => Promise.reject(new Error("nothing to look at")),
    };
    this.exitCode = runCli(world);
  }

  async #open(config: BrokerConfig): Promise<RunningBroker> {
    this.wasAsked = true;
    this.#asked.resolve(config);
    await this.opening.promise;
    const served = this.#served;
    const failed = this.failing.promise;
    return {
      get failed() {
        served.resolve();
        return failed;
      },
      stop: (reason) => {
        this.wasStopped = true;
        this.#stopped.resolve(reason);
        return this.stopping.promise;
      },
    };
  }

  /** Starts it as far as it goes before a broker is open, and ends it. */
  async configOnly(): Promise<BrokerConfig> {
    const config = await this.asked;
    this.process.signal("SIGTERM");
    await this.exitCode;
    return config;
  }

  get failure(): Extract<KliteEvent, { type: "broker_failed" }> | undefined {
    return this.events.find((event) => event.type === "broker_failed");
  }
}

Deno.test("a signal stops the broker and the exit code is 0", async () => {
  const stage = new Stage(["start", "--listen", "127.0.0.1:0"]);
  stage.opening.resolve();
  await stage.served;
  stage.process.signal("SIGTERM");
  strictEqual(await stage.stopped, "SIGTERM");
  stage.stopping.resolve();
  strictEqual(await stage.exitCode, 0);
  strictEqual(stage.failure, undefined);
});

Deno.test("a second signal does not wait for the stop", async () => {
  const stage = new Stage([]);
  stage.opening.resolve();
  await stage.served;
  stage.process.signal("SIGINT");
  throws(
    () => stage.process.signal("SIGINT"),
    (error: unknown) => error instanceof Exited && error.code === 1,
  );
  stage.stopping.resolve();
  await stage.exitCode;
});

Deno.test("a signal during the opening ends it at once", async () => {
  const stage = new Stage([]);
  await stage.asked;
  stage.process.signal("SIGTERM");
  strictEqual(await stage.exitCode, 0);
  deepStrictEqual(stage.events.at(-1), { type: "broker_stopping", reason: "SIGTERM before it was ready" });
});

Deno.test("a broker that cannot open says why and what to do, and the exit code is 1", async () => {
  const stage = new Stage([]);
  stage.opening.reject(new KliteError("LOCKED", "./data is in use by another process"));
  strictEqual(await stage.exitCode, 1);
  deepStrictEqual(stage.failure?.advice, "Stop the other klite, or give this one its own --data-dir.");
});

Deno.test("a config that the broker refuses is a usage error", async () => {
  const stage = new Stage([]);
  stage.opening.reject(new KliteError("BAD_CONFIG", "no"));
  strictEqual(await stage.exitCode, 2);
});

Deno.test("a broker that fails while it serves ends the process without a stop", async () => {
  const stage = new Stage([]);
  stage.opening.resolve();
  await stage.served;
  stage.failing.reject(new AssertionError("the high watermark went back"));
  strictEqual(await stage.exitCode, 1);
  strictEqual(stage.wasStopped, false);
  match(stage.failure?.advice ?? "", /Nothing acknowledged is lost/);
});

Deno.test("what nobody catches ends the process, also during the stop", async () => {
  const stage = new Stage([]);
  stage.opening.resolve();
  await stage.served;
  stage.process.signal("SIGTERM");
  await stage.stopped;
  stage.process.uncaught(new TypeError("x is undefined"));
  strictEqual(await stage.exitCode, 1);
  match(stage.failure?.advice ?? "", /fault in klite/);
});

Deno.test("a broker that fails during the stop has not stopped in order", async () => {
  const stage = new Stage([]);
  stage.opening.resolve();
  await stage.served;
  stage.process.signal("SIGTERM");
  await stage.stopped;
  stage.failing.reject(new KliteError("DISK_FAILED", "cannot sync"));
  strictEqual(await stage.exitCode, 1);
  match(stage.failure?.advice ?? "", /Check the disk/);
});

Deno.test("flags, variables and defaults become the broker's config", async () => {
  const stage = new Stage(
    ["--listen=[::1]:0", "--topic", "a:3", "--topic=b", "--topic=b", "-wal-segment-max-bytes=67108865"],
    { KLITE_DEFAULT_PARTITIONS: "4", KLITE_LISTEN: ":1", KLITE_HEALTH_ADDR: ":8080" },
  );
  deepStrictEqual(await stage.configOnly(), {
    listen: { host: "::1", port: 0 },
    advertised: null,
    moreListeners: [],
    advertisedListeners: [],
    tlsCertFile: null,
    tlsKeyFile: null,
    tlsClientCaFile: null,
    tlsClientAuth: null,
    tlsPrincipalMappingRules: "DEFAULT",
    tlsReloadIntervalMs: 5000,
    healthAddress: { host: "127.0.0.1", port: 8080 },
    healthTokenFile: null,
    dataDir: "./data",
    clusterId: null,
    nodeId: 0,
    topics: [{ name: "a", partitions: 3 }, { name: "b", partitions: 4 }],
    defaultPartitions: 4,
    autoCreateTopics: true,
    walSyncIntervalMs: 0,
    walSegmentBytes: 67_108_864,
    walMaxDiskBytes: 1_073_741_824,
    s3Bucket: null,
    s3Region: "us-east-1",
    s3Endpoint: null,
    s3Prefix: "",
    s3FlushIntervalMs: 60_000,
    s3TargetObjectBytes: 67_108_864,
    s3FlushCheckIntervalMs: 5000,
    retentionCheckIntervalMs: 300_000,
    compactionCheckIntervalMs: 30_000,
    compactionMinDirtyObjects: 4,
    compactionReadRateBytes: 52_428_800,
    scrubIntervalMs: 0,
    leaseDurationMs: 15_000,
    leaseRenewIntervalMs: 5000,
    leaseRetryIntervalMs: 2000,
    tailMemoryBytes: 134_217_728,
    batchValidation: "relaxed",
    ackBeforeSync: false,
    transactionMaxTimeoutMs: 900_000,
    transactionalIdExpirationMs: 604_800_000,
    producerIdExpirationMs: 86_400_000,
    groupMinSessionTimeoutMs: 6000,
    groupMaxSessionTimeoutMs: 1_800_000,
    groupMaxSize: 2_147_483_647,
    groupInitialRebalanceDelayMs: 100,
    groupConsumerSessionTimeoutMs: 45_000,
    groupConsumerHeartbeatIntervalMs: 5000,
    groupConsumerMaxSize: 2147483647,
    groupConsumerAssignors: "uniform,range",
    groupConsumerAssignmentIntervalMs: 1000,
    groupConsumerMigrationPolicy: "bidirectional",
    offsetMetadataMax: 4096,
    offsetsRetentionMs: 604_800_000,
    offsetsCheckIntervalMs: 600_000,
    authorizer: "none",
    superUsers: [],
    allowIfNoAcl: false,
    maxConnections: 10_000,
    maxConnectionsPerAddress: 10_000,
    maxConnectionsUnauthenticated: 1000,
    maxConnectionRatePerAddress: 0,
    connectionsMaxReauthMs: 0,
    tokenSecretFile: null,
    tokenMaxLifetimeMs: 604_800_000,
    tokenExpiryMs: 86_400_000,
    saslEnabled: false,
    saslMechanisms: ["SCRAM-SHA-256", "SCRAM-SHA-512"],
    saslUser: null,
    saslPassword: null,
    saslPasswordFile: null,
    saslUsersFile: null,
    oauthJwks: null,
    oauthIssuer: null,
    oauthAudiences: [],
    oauthPrincipalClaim: "sub",
    acceptDataLoss: false,
  });
});

Deno.test("the config is an event in which every option has its value and where it is from", async () => {
  const stage = new Stage(["--node-id=3"], { KLITE_LOG_LEVEL: "debug" });
  await stage.configOnly();
  const event = stage.events.find(({ type }) => type === "config_loaded");
  const settings = event?.type === "config_loaded" ? event.settings : {};
  strictEqual(settings["node-id"], "3 (flag)");
  strictEqual(settings["log-level"], "debug (variable)");
  strictEqual(settings["data-dir"], "./data");
});

Deno.test("settings that do not fit together are refused before anything is opened", async () => {
  const cases: [string[], RegExp][] = [
    [
      ["--wal-segment-max-bytes=64MiB", "--chunk-pool-memory=64MiB"],
      /--chunk-pool-memory must hold 2 log files of 67108864 bytes: at least 134217728/,
    ],
    [["--wal-max-disk-size=40MB"], /--wal-max-disk-size must hold 3 log files/],
    [["--advertised-addr=0.0.0.0:9092"], /--advertised-addr must name a host/],
    [["--tls-cert=c.pem"], /--tls-key is needed beside --tls-cert/],
    [["--tls-key=c.key"], /--tls-cert is needed beside --tls-key/],
    [["--tls-client-ca=ca.pem"], /--tls-cert is needed beside --tls-client-ca/],
    [["--listener=X=SSL://:9093"], /--tls-cert is needed for the listener X/],
    [["--listener=X=SASL_PLAINTEXT://:9093"], /--sasl-enabled is needed for the listener X/],
    [
      ["--tls-cert=c.pem", "--tls-key=c.key", "--tls-client-auth=required"],
      /--tls-client-ca is needed with --tls-client-auth required/,
    ],
    [
      ["--listener=plaintext=PLAINTEXT://:1"],
      /--listener has a listener 'PLAINTEXT', which is the name of the/,
    ],
    [["--listener=A=PLAINTEXT://:1,A=PLAINTEXT://:2"], /--listener has a listener 'A', which is there twice/],
    [["--listener=A=PLAINTEXT://:9092"], /--listener has a second listener on :9092/],
    [["--advertised-listener=A=host:1"], /--advertised-listener names 'A', and the listeners are PLAINTEXT/],
    [
      ["--listener=A=PLAINTEXT://:1", "--advertised-listener=A=0.0.0.0:1"],
      /--advertised-listener must name a host/,
    ],
    [
      ["--advertised-addr=a:1", "--advertised-listener=PLAINTEXT=b:1"],
      /--advertised-listener has 'PLAINTEXT', which --advertised-addr is about/,
    ],
    [["--topic=no spaces"], /--topic has an illegal topic name: 'no spaces'/],
    [["--topic=.."], /--topic has an illegal topic name/],
    [["--topic=a:1,a:2"], /--topic gives 'a' 1 partitions and 2/],
  ];
  for (const [args, expected] of cases) {
    const stage = new Stage(args);
    strictEqual(await stage.exitCode, 2, args.join(" "));
    match(stage.process.err, expected);
    match(stage.process.err, /Try 'klite start --help'/);
    deepStrictEqual([stage.wasAsked, stage.events], [false, []]);
  }
});
