/** TLS and mutual TLS, several listeners, and certificates that change while the broker runs; over real TCP. */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { KliteError } from "../../src/base/klite_error.ts";
import { Principal } from "../../src/base/principal.ts";
import { Secret } from "../../src/base/secret.ts";
import type { BrokerConfig } from "../../src/broker/mod.ts";
import type { KliteEvent } from "../../src/io/events.ts";
import { describeClusterRequest } from "../../src/protocol/generated/describe_cluster_request.ts";
import { describeClusterResponse } from "../../src/protocol/generated/describe_cluster_response.ts";
import { findCoordinatorRequest } from "../../src/protocol/generated/find_coordinator_request.ts";
import { findCoordinatorResponse } from "../../src/protocol/generated/find_coordinator_response.ts";
import { metadataRequest } from "../../src/protocol/generated/metadata_request.ts";
import { metadataResponse } from "../../src/protocol/generated/metadata_response.ts";
import { CertificateAuthority, writeIdentity } from "../support/certificates.ts";
import { createTopic, only, produce, readAll, textBatch } from "../support/requests.ts";
import { authenticateScram } from "../support/sasl_client.ts";
import { TestBroker } from "../support/test_broker.ts";
import { connectTls, shownSubject } from "../support/tls_client.ts";
import { ConnectionEnded, WireClient } from "../support/wire_client.ts";

const LOCAL = { host: "127.0.0.1", port: 0 };
const RELOAD_MS = 100;

const authority = await CertificateAuthority.create();
const stranger = await CertificateAuthority.create("somebody else");
const alice = await authority.issue({ subject: "O=klite,CN=alice", use: "client" });
const bob = await authority.issue({ subject: "O=klite,CN=bob", use: "client" });

/** A folder with the files of TLS listeners, and how to change them. */
class TlsFiles implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async make(): Promise<TlsFiles> {
    const files = new TlsFiles(await Deno.makeTempDir({ prefix: "klite-tls-" }));
    await files.issue("CN=localhost");
    await Deno.writeTextFile(join(files.folder, "ca.pem"), authority.certificate);
    return files;
  }

  get config() {
    return {
      tlsCertFile: join(this.folder, "server.pem"),
      tlsKeyFile: join(this.folder, "server.key"),
      tlsClientCaFile: join(this.folder, "ca.pem"),
      tlsReloadIntervalMs: RELOAD_MS,
    } satisfies Partial<BrokerConfig>;
  }

  async issue(subject: string): Promise<void> {
    await writeIdentity(this.folder, "server", await authority.issue({ subject, use: "server" }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

function describe(client: WireClient) {
  return client.send(metadataRequest, metadataResponse, 12, {
    topics: null,
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  });
}

/** Waits for an event that there is, or will be. */
async function eventOf<Type extends KliteEvent["type"]>(
  broker: TestBroker,
  type: Type,
  fits: (event: Extract<KliteEvent, { type: Type }>) => boolean = () => true,
): Promise<Extract<KliteEvent, { type: Type }>> {
  for (;;) {
    for (const event of broker.events) {
      const of = event as Extract<KliteEvent, { type: Type }>;
      if (event.type === type && fits(of)) return of;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("clients produce and fetch over TLS", async () => {
  await using files = await TlsFiles.make();
  await using broker = await TestBroker.start({ config: { ...files.config, tlsClientCaFile: null } });
  await using client = await connectTls(broker.port, { authority });
  const topic = await createTopic(client, "t");
  const values = ["small", "x".repeat(700_000), "last"];
  for (const value of values) {
    strictEqual((await produce(client, topic, textBatch([value]))).errorCode, ErrorCode.NONE);
  }
  const read = (await readAll(client, topic)).map(({ value }) => value);
  ok(read.every((value, index) => value === values[index]) && read.length === values.length);
});

Deno.test("who speaks no TLS on a TLS listener is told nothing, and others go on", async () => {
  await using files = await TlsFiles.make();
  await using broker = await TestBroker.start({ config: { ...files.config, tlsClientCaFile: null } });
  await using plain = await WireClient.connect(broker.port);
  await rejects(describe(plain), ConnectionEnded);
  const { listener, reason } = await eventOf(broker, "tls_handshake_failed");
  strictEqual(listener, "SSL");
  match(reason, /corrupt message/);
  await using client = await connectTls(broker.port, { authority });
  strictEqual((await describe(client)).brokers.length, 1);
});

Deno.test("a client is the user that the rules make of its certificate", async () => {
  await using files = await TlsFiles.make();
  await using broker = await TestBroker.start({
    config: {
      ...files.config,
      tlsPrincipalMappingRules: "RULE:^CN=([^,]+),.*$/$1/",
      authorizer: "acl",
      superUsers: [new Principal("User", "alice")],
    },
  });
  await using asAlice = await connectTls(broker.port, { authority, identity: alice });
  const topic = await createTopic(asAlice, "t");
  strictEqual((await produce(asAlice, topic, textBatch(["hers"]))).errorCode, ErrorCode.NONE);
  await using asBob = await connectTls(broker.port, { authority, identity: bob });
  const refused = await produce(asBob, topic, textBatch(["his"]));
  strictEqual(refused.errorCode, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
});

Deno.test("a client that shows no certificate, or a bad one, or one that no rule is about, cannot connect", async () => {
  await using files = await TlsFiles.make();
  await using broker = await TestBroker.start({
    config: { ...files.config, tlsPrincipalMappingRules: "RULE:^CN=alice,.*$/alice/" },
  });
  const imposter = await stranger.issue({ subject: "O=klite,CN=alice", use: "client" });
  for (
    const [identity, expected] of [[null, /shows no certificate/], [imposter, /not of an authority/]] as const
  ) {
    await using client = await connectTls(broker.port, { authority, ...(identity !== null && { identity }) });
    await rejects(describe(client));
    await eventOf(broker, "tls_handshake_failed", ({ reason }) => expected.test(reason));
  }
  await using unknown = await connectTls(broker.port, { authority, identity: bob });
  await rejects(describe(unknown));
  await eventOf(broker, "connection_refused", ({ reason }) => reason === "unknown_certificate");
  await using client = await connectTls(broker.port, { authority, identity: alice });
  strictEqual((await describe(client)).brokers.length, 1);
});

Deno.test("over TLS a client of a SASL listener is who SASL says, whatever its certificate", async () => {
  await using files = await TlsFiles.make();
  await using broker = await TestBroker.start({
    config: {
      ...files.config,
      tlsClientAuth: "requested",
      saslEnabled: true,
      saslUser: "carol",
      saslPassword: new Secret("carols-password"),
      authorizer: "acl",
      superUsers: [new Principal("User", "carol")],
    },
  });
  deepStrictEqual([...broker.running.addresses.keys()], ["SASL_SSL"]);
  for (const shown of [{ identity: alice }, {}]) {
    await using client = await connectTls(broker.port, { authority, ...shown });
    const { answer } = await authenticateScram(client, {
      mechanism: "SCRAM-SHA-512",
      user: "carol",
      password: "carols-password",
    });
    strictEqual(answer.errorCode, ErrorCode.NONE);
    await createTopic(client, `t${Object.keys(shown).length}`);
  }
  await using stranger = await connectTls(broker.port, { authority, identity: alice });
  await rejects(describe(stranger), ConnectionEnded);
});

Deno.test("clients are told the address of the listener that they came by", async () => {
  await using files = await TlsFiles.make();
  await using broker = await TestBroker.start({
    config: {
      ...files.config,
      tlsClientCaFile: null,
      advertised: { host: "klite.example.com", port: 443 },
      moreListeners: [
        { name: "INTERNAL", protocol: "PLAINTEXT", address: LOCAL },
        { name: "NEAR", protocol: "PLAINTEXT", address: LOCAL },
      ],
      advertisedListeners: [{ name: "INTERNAL", address: { host: "klite.internal", port: 9999 } }],
    },
  });
  const portOf = (name: string) => broker.running.addresses.get(name)?.port ?? 0;
  deepStrictEqual([...broker.running.addresses.keys()], ["SSL", "INTERNAL", "NEAR"]);
  await using outside = await connectTls(broker.port, { authority });
  await using inside = await WireClient.connect(portOf("INTERNAL"));
  await using near = await WireClient.connect(portOf("NEAR"));
  const told: readonly [WireClient, string, number][] = [
    [outside, "klite.example.com", 443],
    [inside, "klite.internal", 9999],
    // Without one, the address that the client itself has used.
    [near, "127.0.0.1", portOf("NEAR")],
  ];
  for (const [client, host, port] of told) {
    const { brokers } = await describe(client);
    deepStrictEqual([only(brokers).host, only(brokers).port], [host, port]);
    const cluster = await client.send(describeClusterRequest, describeClusterResponse, 1, {
      endpointType: 1,
      includeClusterAuthorizedOperations: false,
      includeFencedBrokers: false,
    });
    deepStrictEqual([only(cluster.brokers).host, only(cluster.brokers).port], [host, port]);
    const found = await client.send(findCoordinatorRequest, findCoordinatorResponse, 4, {
      key: "",
      keyType: 0,
      coordinatorKeys: ["g"],
    });
    deepStrictEqual([only(found.coordinators).host, only(found.coordinators).port], [host, port]);
  }
});

Deno.test("changed files are for new connections, and what cannot be used changes nothing", async () => {
  await using files = await TlsFiles.make();
  await using broker = await TestBroker.start({ config: { ...files.config, tlsClientCaFile: null } });
  await using before = await connectTls(broker.port, { authority });
  match(await shownSubject(broker.port), /localhost/);

  await files.issue("CN=renewed");
  await eventOf(
    broker,
    "certificate_loaded",
    ({ isReload, subject }) => isReload && subject === "CN=renewed",
  );
  match(await shownSubject(broker.port), /renewed/);

  await Deno.writeTextFile(join(files.folder, "server.key"), alice.key);
  const { error } = await eventOf(broker, "certificate_not_loaded");
  ok(error instanceof KliteError);
  match(error.message, /server\.pem.*private key is not that of the certificate/);
  await Deno.remove(join(files.folder, "server.pem"));
  await eventOf(broker, "certificate_not_loaded", ({ error }) => /cannot read/.test(String(error)));
  match(await shownSubject(broker.port), /renewed/);

  await files.issue("CN=again");
  await eventOf(broker, "certificate_loaded", ({ isReload, subject }) => isReload && subject === "CN=again");
  match(await shownSubject(broker.port), /again/);
  strictEqual((await describe(before)).brokers.length, 1);
});

Deno.test("authorities that change let clients in, or no more", async () => {
  await using files = await TlsFiles.make();
  await using broker = await TestBroker.start({ config: files.config });
  await using client = await connectTls(broker.port, { authority, identity: alice });
  strictEqual((await describe(client)).brokers.length, 1);
  await Deno.writeTextFile(join(files.folder, "ca.pem"), stranger.certificate);
  await eventOf(broker, "certificate_loaded", ({ isReload }) => isReload);
  await using late = await connectTls(broker.port, { authority, identity: alice });
  await rejects(describe(late));
  const identity = await stranger.issue({ subject: "CN=carol", use: "client" });
  await using carol = await connectTls(broker.port, { authority, identity });
  strictEqual((await describe(carol)).brokers.length, 1);
  strictEqual((await describe(client)).brokers.length, 1);
});

Deno.test("files that cannot be used are a start that fails, and says which", async () => {
  await using files = await TlsFiles.make();
  const start = (config: Partial<BrokerConfig>) =>
    TestBroker.start({ config: { ...files.config, ...config } });
  await rejects(start({ tlsCertFile: join(files.folder, "absent.pem") }), /absent\.pem/);
  await rejects(
    start({ tlsKeyFile: files.config.tlsCertFile }),
    /TLS is not possible with .*server\.pem.*private key/,
  );
  await rejects(
    start({ tlsClientCaFile: files.config.tlsKeyFile }),
    /no certificate in the client authorities/,
  );
  await rejects(start({ tlsPrincipalMappingRules: "alice" }), /tls-principal-mapping-rules/);
});

Deno.test("a listener that cannot be is a start that fails, and leaves no other open", async () => {
  await using files = await TlsFiles.make();
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = { host: "127.0.0.1", port: taken.addr.port };
  const moreListeners = [{ name: "MORE", protocol: "PLAINTEXT", address }] as const;
  await rejects(TestBroker.start({ config: { ...files.config, moreListeners } }), /cannot listen on/);
  taken.close();
});

Deno.test("a certificate that is about to expire is spoken of", async () => {
  await using files = await TlsFiles.make();
  await using broker = await TestBroker.start({ config: { ...files.config, tlsClientCaFile: null } });
  const { daysLeft, subject } = await eventOf(broker, "certificate_expires");
  deepStrictEqual([daysLeft, subject], [1, "CN=localhost"]);
});

Deno.test("a broker stops while clients are connected over TLS, and in the middle of a handshake", async () => {
  await using files = await TlsFiles.make();
  await using broker = await TestBroker.start({ config: { ...files.config, tlsClientCaFile: null } });
  await using client = await connectTls(broker.port, { authority });
  strictEqual((await describe(client)).brokers.length, 1);
  const silent = await Deno.connect({ hostname: "127.0.0.1", port: broker.port });
  await broker.stopUnderClients();
  await rejects(describe(client));
  strictEqual(await silent.read(new Uint8Array(1)), null);
  silent.close();
});
