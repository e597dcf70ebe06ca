/** What a client may do before it has shown who it is, and afterwards. */
import assert from "node:assert/strict";
import { ErrorCode } from "../base/error_codes.ts";
import type { KliteEvent } from "../io/events.ts";
import { apiVersionsRequest } from "../protocol/generated/api_versions_request.ts";
import { apiVersionsResponse } from "../protocol/generated/api_versions_response.ts";
import { metadataRequest } from "../protocol/generated/metadata_request.ts";
import { metadataResponse } from "../protocol/generated/metadata_response.ts";
import { ConnectionEnded } from "../../tests/support/wire_client.ts";
import type { TlsListening } from "./server.ts";
import { type SaslClient, utf8, withSasl } from "./sasl_world_test.ts";

const NO_RIGHTS = { includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false };
const MANY_TOPICS = Array.from({ length: 20_000 }, (_, id) => ({ name: `a-topic-with-a-long-name-${id}` }));

function metadata(client: SaslClient, topics: readonly { readonly name: string }[] = []) {
  return client.wire.send(metadataRequest, metadataResponse, 8, { ...NO_RIGHTS, topics });
}

function frame(...bytes: readonly number[]): Uint8Array {
  const framed = new Uint8Array(4 + bytes.length);
  new DataView(framed.buffer).setInt32(0, bytes.length);
  framed.set(bytes, 4);
  return framed;
}

function failures(events: readonly KliteEvent[]): string[] {
  return events.flatMap((event) => event.type === "authentication_failed" ? [event.reason] : []);
}

Deno.test("a client that has shown who it is is served like any other", async () => {
  await withSasl(async ({ connect, run, server, events }) => {
    const client = connect();
    assert.equal((await run(client.versions())).errorCode, ErrorCode.NONE);
    assert.deepEqual(await run(client.handshake()), {
      errorCode: ErrorCode.NONE,
      mechanisms: ["TRUST", "ALSO"],
    });
    assert.equal(server.stats.unauthenticated, 1);
    const challenge = await run(client.message("more"));
    assert.deepEqual([challenge.errorCode, challenge.authBytes], [ErrorCode.NONE, utf8("go on")]);
    const done = await run(client.message("am alice"));
    assert.deepEqual(
      { ...done, authBytes: [...done.authBytes] },
      {
        errorCode: ErrorCode.NONE,
        errorMessage: "",
        authBytes: [...utf8("welcome")],
        sessionLifetimeMs: 0,
      },
    );
    assert.equal(server.stats.unauthenticated, 0);
    assert.equal((await run(metadata(client))).brokers.length, 1);
    assert.equal((await run(client.versions())).errorCode, ErrorCode.NONE);
    assert.deepEqual(server.stats.authentications, {
      succeeded: 1,
      failed: 0,
      repeated: 0,
      repeatsFailed: 0,
    });
    assert.deepEqual(events, []);
  });
});

Deno.test("whatever comes first that is no part of it ends the connection, without an answer", async () => {
  await withSasl(async ({ connect, run, events }) => {
    const early = connect();
    await assert.rejects(run(metadata(early)), ConnectionEnded);
    const message = connect();
    await assert.rejects(run(message.message("am alice")), ConnectionEnded);
    const twice = connect();
    await run(twice.versions());
    await assert.rejects(run(twice.versions()), ConnectionEnded);
    assert.deepEqual(failures(events), [
      "Metadata came out of turn",
      "SaslAuthenticate came out of turn",
      "ApiVersions came out of turn",
    ]);
    assert.deepEqual(events.length, 3);
  });
});

Deno.test("a client may call its software what it likes, but what takes memory is not remembered", async () => {
  await withSasl(async ({ connect, run, events }) => {
    for (
      const [name, remembered] of [["x".repeat(100), "x".repeat(100)], ["x".repeat(30_000), ""]] as const
    ) {
      const { socket, wire } = connect();
      const software = { clientSoftwareName: name, clientSoftwareVersion: name };
      const { errorCode } = await run(wire.send(apiVersionsRequest, apiVersionsResponse, 3, software));
      assert.equal(errorCode, ErrorCode.NONE);
      await run(socket.write(new Uint8Array(4)));
      await run(wire.closedByBroker());
      const event = events.at(-1);
      assert.ok(event?.type === "connection_closed");
      assert.deepEqual([event.client.softwareName, event.client.softwareVersion], [remembered, remembered]);
    }
  });
});

Deno.test("a version of ApiVersions that is not known may be asked for first", async () => {
  await withSasl(async ({ connect, run }) => {
    const client = connect();
    const software = { clientSoftwareName: "test", clientSoftwareVersion: "1" };
    const unknown = client.wire.encode(apiVersionsRequest, 3, software);
    unknown[7] = 77;
    const [high, low] = await run(client.wire.exchange(unknown));
    assert.deepEqual([high, low], [0, ErrorCode.UNSUPPORTED_VERSION]);
    assert.equal((await run(client.versions())).errorCode, ErrorCode.NONE);
    assert.equal((await run(client.authenticate("alice"))).errorCode, ErrorCode.NONE);
  });
});

Deno.test("a mechanism that is not enabled is refused with those that are, and then the connection ends", async () => {
  await withSasl(async ({ clock, connect, run, events }) => {
    const client = connect();
    const beganMs = clock.monotonicMs();
    assert.deepEqual(await run(client.handshake("GSSAPI".padEnd(1000, "!"))), {
      errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM,
      mechanisms: ["TRUST", "ALSO"],
    });
    assert.ok(clock.monotonicMs() - beganMs >= 100);
    await run(client.wire.closedByBroker());
    const [event] = events;
    assert.ok(event?.type === "authentication_failed");
    assert.deepEqual(
      [event.listener, event.mechanism, event.reason, event.isAgain],
      ["TESTED", "GSSAPI".padEnd(40, "!"), "a mechanism that is not enabled", false],
    );
  });
});

Deno.test("a client that fails is told so after a while, and then its connection ends", async () => {
  await withSasl(async ({ clock, connect, run, events, server }) => {
    const client = connect();
    await run(client.handshake());
    const answered = client.message("am I?");
    let isAnswered = false;
    const told = answered.then(() => isAnswered = true);
    await clock.advance(99);
    assert.ok(!isAnswered);
    await run(told);
    assert.deepEqual({ ...await answered, authBytes: 0 }, {
      errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
      errorMessage: "the client's message",
      authBytes: 0,
      sessionLifetimeMs: 0,
    });
    await run(client.wire.closedByBroker());
    assert.deepEqual(failures(events), ["the log's reason"]);
    assert.equal(server.stats.authentications?.failed, 1);
  });
});

Deno.test("nothing more is done for a client whose connection is closed in the middle of it", async () => {
  await withSasl(async ({ clock, connect, run, authenticator, server, events }) => {
    const client = connect();
    await run(client.handshake());
    const answer = assert.rejects(client.message("wait"), ConnectionEnded);
    await clock.advance(9000);
    assert.equal(authenticator.waiting, 1);
    await clock.advance(2000);
    await answer;
    assert.deepEqual([authenticator.waiting, server.stats.connections], [0, 0]);
    assert.deepEqual(events.map(({ type }) => type), ["connection_closed"]);
  });
});

Deno.test("many that fail keep nobody waiting", async () => {
  await withSasl(async ({ clock, connect, run }) => {
    const bad = Array.from({ length: 30 }, () => connect("10.0.0.66"));
    const good = connect();
    await run(Promise.all(bad.map((client) => client.handshake())));
    const failing = Promise.all(bad.map((client) => client.message("no")));
    await clock.settle();
    const beganMs = clock.monotonicMs();
    await run(good.authenticate("alice"));
    await run(metadata(good));
    assert.equal(clock.monotonicMs(), beganMs);
    await run(failing);
  });
});

Deno.test("messages without headers may follow the older handshake, even the shortest", async () => {
  await withSasl(async ({ network, connect, run, server }) => {
    for (
      const [message, answer] of [["more", "go on"], ["am alice", "welcome"], ["quiet alice", ""]] as const
    ) {
      const socket = network.connect({ host: "", port: 9092 });
      await socket.write(frame(0, 17, 0, 0, 0, 0, 0, 1, 255, 255, 0, 5, ...utf8("TRUST")));
      const into = new Uint8Array(1000);
      assert.ok((await run(socket.read(into)) ?? 0) > 4);
      await socket.write(frame(...utf8(message)));
      const count = await run(socket.read(into)) ?? 0;
      assert.deepEqual(into.slice(0, count), frame(...utf8(answer)));
      socket.close();
    }
    assert.equal(server.stats.authentications?.succeeded, 2);

    for (const failing of [[], [0], [0, 0]]) {
      const client = connect();
      await run(client.handshake("TRUST", 0));
      await client.wire.write(frame(...failing));
      await run(client.wire.closedByBroker());
    }
    assert.equal(server.stats.authentications?.failed, 3);
  });
});

Deno.test("requests that come in the middle of it are refused, with an answer where one has no other content", async () => {
  await withSasl(async ({ connect, run, events }) => {
    const again = connect();
    await run(again.handshake());
    assert.equal((await run(again.handshake())).errorCode, ErrorCode.ILLEGAL_SASL_STATE);
    await run(again.wire.closedByBroker());
    const versions = connect();
    await run(versions.handshake());
    assert.equal((await run(versions.versions())).errorCode, ErrorCode.ILLEGAL_SASL_STATE);
    await run(versions.wire.closedByBroker());
    const other = connect();
    await run(other.handshake());
    await assert.rejects(run(metadata(other)), ConnectionEnded);
    assert.equal(failures(events).length, 3);
  });
});

Deno.test("where nobody has to authenticate, and where somebody has for good, there is nothing to begin", async () => {
  const refusedBy = async (client: SaslClient) => {
    const { errorCode, mechanisms } = await client.handshake();
    assert.deepEqual([errorCode, mechanisms], [ErrorCode.ILLEGAL_SASL_STATE, []]);
    const answer = await client.message("am mallory");
    assert.equal(answer.errorCode, ErrorCode.ILLEGAL_SASL_STATE);
    assert.match(answer.errorMessage ?? "", /after successful authentication/);
    assert.equal((await metadata(client)).brokers.length, 1);
  };
  await withSasl(async ({ connect, run }) => {
    await run(refusedBy(connect()));
  }, { protocol: "PLAINTEXT" });
  await withSasl(async ({ connect, run }) => {
    const client = connect();
    await run(client.authenticate("alice"));
    await run(refusedBy(client));
  });
});

Deno.test("a client authenticates again before its time is over, as who it was and how it did", async () => {
  await withSasl(async ({ clock, connect, run, server, events }) => {
    const client = connect();
    assert.equal((await run(client.authenticate("alice"))).sessionLifetimeMs, 60_000);
    await clock.advance(40_000);
    assert.equal((await run(client.authenticate("alice"))).sessionLifetimeMs, 60_000);
    await clock.advance(40_000);
    assert.equal((await run(metadata(client))).brokers.length, 1);
    // Also when it is over, but nothing else.
    await clock.advance(40_000);
    assert.equal((await run(client.authenticate("alice"))).errorCode, ErrorCode.NONE);
    assert.equal((await run(client.handshake())).errorCode, ErrorCode.ILLEGAL_SASL_STATE, "too soon");
    assert.equal((await run(metadata(client))).brokers.length, 1);
    assert.deepEqual(server.stats.authentications, {
      succeeded: 1,
      failed: 0,
      repeated: 2,
      repeatsFailed: 0,
    });

    await clock.advance(1000);
    const answer = await run(client.authenticate("mallory"));
    assert.equal(answer.errorCode, ErrorCode.SASL_AUTHENTICATION_FAILED);
    assert.equal(
      answer.errorMessage,
      "Cannot change principals during re-authentication from User.alice: User.mallory",
    );
    await run(client.wire.closedByBroker());

    const other = connect();
    await run(other.authenticate("alice"));
    await clock.advance(1000);
    assert.equal((await run(other.handshake("ALSO"))).errorCode, ErrorCode.NONE);
    await assert.rejects(run(other.message("am alice")), ConnectionEnded);
    assert.deepEqual(failures(events).slice(1), ["not the mechanism of the first time"]);
    assert.equal(server.stats.authentications?.repeatsFailed, 2);
  }, { limits: { maxSessionMs: 60_000 } });
});

Deno.test("what is shown for ever lasts a century", async () => {
  await withSasl(async ({ connect, run }) => {
    const client = connect();
    await run(client.handshake());
    const { sessionLifetimeMs } = await run(client.message("am alice until 9223372036854775807000"));
    assert.equal(sessionLifetimeMs, 100 * 365 * 86_400_000);
    assert.equal((await run(metadata(client))).brokers.length, 1);
  });
});

Deno.test("the connection of a client that does not authenticate again ends with its next request", async () => {
  await withSasl(async ({ clock, connect, run, events }) => {
    const client = connect();
    await run(client.handshake());
    assert.equal((await run(client.message("am alice until 30000"))).sessionLifetimeMs, 30_000);
    await clock.advance(30_000);
    assert.equal((await run(metadata(client))).brokers.length, 1);
    await clock.advance(1);
    await assert.rejects(run(metadata(client)), ConnectionEnded);
    const [event, ...more] = events;
    assert.ok(event?.type === "connection_closed" && event.reason === "refused");
    assert.match(event.detail, /authenticate again/);
    assert.deepEqual(more, []);
  }, { limits: { maxSessionMs: 60_000 } });
});

Deno.test("before, requests are small; afterwards they may be as large as any", async () => {
  await withSasl(async ({ connect, run, events }) => {
    const [early, good] = [connect(), connect()];
    await assert.rejects(run(metadata(early, MANY_TOPICS)), ConnectionEnded);
    const [event] = events;
    assert.ok(event?.type === "connection_closed" && event.reason === "bad_frame", JSON.stringify(event));
    await run(good.authenticate("alice"));
    assert.equal((await run(metadata(good, MANY_TOPICS))).topics.length, 20_000);
    const message = connect();
    await run(message.handshake());
    const answer = await run(message.message("no ".repeat(100_000)));
    assert.equal(answer.errorCode, ErrorCode.SASL_AUTHENTICATION_FAILED);
  });
});

Deno.test("whoever is silent or slow has ten seconds", async () => {
  await withSasl(async ({ clock, connect, run, server, events }) => {
    const silent = connect();
    const slow = connect();
    const halfway = connect();
    await run(halfway.handshake());
    const good = connect();
    await run(good.authenticate("alice"));
    const bytes = frame(...new Uint8Array(100));
    for (let second = 0; second < 9; second++) {
      await slow.wire.write(bytes.subarray(second, second + 1));
      await clock.advance(1000);
    }
    assert.equal(server.stats.connections, 4);
    await clock.advance(2000);
    assert.equal(server.stats.connections, 1);
    for (const client of [silent, slow, halfway]) await run(client.wire.closedByBroker());
    assert.deepEqual(
      events.map((event) => event.type === "connection_closed" ? event.reason : event.type),
      ["unauthenticated", "unauthenticated", "unauthenticated"],
    );
    assert.equal((await run(metadata(good))).brokers.length, 1);
  });
});

Deno.test("whoever holds many connections without authenticating loses its own, not those of others", async () => {
  await withSasl(async ({ clock, connect, run, server }) => {
    const honest = connect("10.0.0.1");
    await run(honest.handshake());
    for (let index = 0; index < 100; index++) connect("10.0.0.66");
    await clock.settle();
    assert.equal(server.stats.unauthenticated, 10);
    assert.equal(server.stats.closed.unauthenticated, 91);
    assert.equal((await run(honest.message("am alice"))).errorCode, ErrorCode.NONE);
    const late = connect("10.0.0.2");
    assert.equal((await run(late.authenticate("bob"))).errorCode, ErrorCode.NONE);
    for (let index = 0; index < 20; index++) {
      const client = connect("10.0.0.66");
      await run(client.authenticate("mallory"));
    }
    assert.equal((await run(metadata(honest))).brokers.length, 1);
  }, { limits: { maxUnauthenticated: 10 } });
});

Deno.test("what strangers send takes little memory, and none from others", async () => {
  await withSasl(async ({ clock, connect, run, server }) => {
    const good = connect();
    await run(good.authenticate("alice"));
    const before = server.stats.requestMemoryBytes;
    const half = new Uint8Array(300_000);
    new DataView(half.buffer).setInt32(0, 400_000);
    for (let index = 0; index < 200; index++) {
      // Whoever is not read has to wait, and is cut off.
      connect("10.0.0.66").wire.write(half).catch((error) => assert.ok(error instanceof ConnectionEnded));
    }
    await clock.advance(1000);
    assert.ok(server.stats.waitingForMemory > 100);
    assert.ok(server.stats.requestMemoryBytes - before <= 4 * 2 ** 20);
    assert.equal((await run(metadata(good, MANY_TOPICS))).topics.length, 20_000);
    await clock.advance(15_000);
    assert.equal(server.stats.connections, 1);
  });
});

Deno.test("an address may make so many connections a second, and the others as many as before", async () => {
  await withSasl(async ({ clock, connect, run, server, events }) => {
    for (let index = 0; index < 30; index++) connect("10.0.0.66");
    const honest = connect("10.0.0.1");
    await run(honest.authenticate("alice"));
    assert.deepEqual([server.stats.accepted, server.stats.refused], [21, 10]);
    const [event] = events;
    assert.ok(event?.type === "connection_refused" && event.reason === "too_many_per_second");
    await clock.advance(3000);
    for (let index = 0; index < 30; index++) connect("10.0.0.66");
    await clock.settle();
    assert.deepEqual([server.stats.accepted, server.stats.refused], [27, 34]);
  }, {
    limits: { maxConnectionRatePerAddress: 1000 },
    connectionRate: (host) => host === "10.0.0.66" ? 2 : null,
  });
});

Deno.test("connections that came too early are closed when it would have been time", async () => {
  await withSasl(async ({ clock, connect }) => {
    for (let index = 0; index < 10; index++) connect();
    const early = connect();
    let isClosed = false;
    void early.wire.closedByBroker().then(() => isClosed = true);
    await clock.advance(900);
    assert.ok(!isClosed);
    await clock.advance(1200);
    assert.ok(isClosed);
  }, { limits: { maxConnectionRatePerAddress: 1 } });
});

Deno.test("with TLS that is seen to before the handshake, and over SASL a certificate names nobody", async () => {
  const tls: TlsListening = {
    source: {
      clientAuth: "requested",
      context: { subject: "CN=klite", expiresAtMs: Infinity },
      refused: (_, reason) => assert.fail(reason),
    },
    principalOf: () => null,
  };
  await withSasl(async ({ clock, connect, run, server, events }) => {
    const client = connect();
    await run(client.authenticate("alice"));
    assert.equal((await run(metadata(client))).brokers.length, 1);
    for (let index = 0; index < 20; index++) connect();
    await clock.settle();
    assert.deepEqual([server.stats.accepted, server.stats.refused], [10, 11]);
    const [event] = events;
    assert.ok(event?.type === "connection_refused" && event.reason === "too_many_per_second");
  }, { protocol: "SASL_SSL", tls, limits: { maxConnectionRatePerAddress: 1 } });
  await withSasl(async ({ clock, connect, server, events }) => {
    connect();
    await clock.settle();
    assert.equal(server.stats.accepted, 0);
    const [event] = events;
    assert.ok(event?.type === "connection_refused" && event.reason === "unknown_certificate");
  }, { protocol: "SSL", tls });
});
