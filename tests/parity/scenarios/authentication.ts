import { BareExchange } from "../actors/bare_exchange.ts";
import { Stranger } from "../actors/stranger.ts";
import { api } from "../api.ts";
import { pause } from "../client.ts";
import type { Peer } from "../peer.ts";
import { type Scenario, scenario } from "../scenario.ts";

/** So long an authentication counts where there is an end to it. */
export const SESSION_MS = 3000;

const SOFTWARE = { clientSoftwareName: "parity", clientSoftwareVersion: "1" };
const NOTHING = {
  topics: [],
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};
const PRODUCER = {
  transactionalId: null,
  transactionTimeoutMs: 1000,
  producerId: -1,
  producerEpoch: -1,
};

function stranger(peer: Peer, name: string): Stranger {
  return new Stranger(peer.stranger(name));
}

/** Asks for the versions; only whether that went well is kept. */
async function asksVersions(peer: Peer, name: string, version = 3): Promise<void> {
  const client = peer.stranger(name);
  for (const time of ["first", "second"]) {
    await client.keeps(`asks for versions ${version} for the ${time} time`, async () => {
      const connection = await client.connection();
      const { request, response } = api.apiVersions;
      const input = version >= 3 ? SOFTWARE : { clientSoftwareName: "", clientSoftwareVersion: "" };
      return await connection.send(request, response, version, input).then(
        ({ errorCode }) => errorCode,
        (error: Error) => error.name,
      );
    });
  }
}

/** What comes before, while and after clients authenticate over SASL, and what does not. */
export const authentication: readonly Scenario[] = [
  scenario("strangers ask before they say who they are", async (peer) => {
    await stranger(peer, "topics").asks(api.metadata, 8, NOTHING);
    await stranger(peer, "producer").asks(api.initProducerId, 4, PRODUCER);
    await stranger(peer, "message").says("\0alice\0alice-secret");
    await stranger(peer, "groups").asks(api.listGroups, 4, { statesFilter: [], typesFilter: [] });
    for (const version of [0, 2, 3, 4]) await asksVersions(peer, `versions ${version}`, version);
  }),

  scenario("versions that there are not", async (peer) => {
    const versions = stranger(peer, "versions");
    await versions.asksUnknown(api.apiVersions, SOFTWARE, 99);
    await versions.asksUnknown(api.apiVersions, SOFTWARE, 77);
    await versions.logsIn("alice");
    await stranger(peer, "handshake").asksUnknown(api.saslHandshake, { mechanism: "PLAIN" }, 2);
    const message = stranger(peer, "message");
    await message.handshakes("PLAIN");
    await message.asksUnknown(api.saslAuthenticate, { authBytes: new Uint8Array(9) }, 3);
  }),

  scenario("software with a name that is none", async (peer) => {
    const odd = stranger(peer, "odd");
    const input = { clientSoftwareName: "-odd-", clientSoftwareVersion: "1" };
    await odd.asks(api.apiVersions, 3, input);
    await odd.asks(api.apiVersions, 3, input);
    await odd.logsIn("alice");
  }),

  scenario("mechanisms that are not enabled", async (peer) => {
    for (const version of [0, 1]) {
      for (const mechanism of ["GSSAPI", "plain", "", "SCRAM-SHA-512"]) {
        const client = stranger(peer, `of "${mechanism}"`);
        await client.handshakes(mechanism, version);
        await client.learnsItsFate();
      }
    }
  }),

  scenario("passwords, right and wrong", async (peer) => {
    for (const version of [0, 1, 2]) {
      const client = stranger(peer, `alice ${version}`);
      await client.handshakes("PLAIN");
      await client.says("\0alice\0alice-secret", version);
    }
    for (
      const [index, message] of [
        "\0alice\0wrong",
        "\0nobody\0alice-secret",
        "bob\0alice\0alice-secret",
        "alice\0alice\0alice-secret",
        "\0\0alice-secret",
        "\0alice\0",
        "\0alice",
        "",
        "\0alice\0alice-secret\0more",
      ].entries()
    ) {
      const client = stranger(peer, `message ${index}`);
      await client.handshakes("PLAIN");
      await client.says(message);
      await client.learnsItsFate();
    }
  }),

  scenario("requests in the middle of an exchange", async (peer) => {
    const middle = async (name: string) => {
      const client = stranger(peer, name);
      await client.handshakes("SCRAM-SHA-256");
      return client;
    };
    const versions = await middle("versions");
    await versions.asks(api.apiVersions, 3, SOFTWARE);
    await versions.learnsItsFate();
    const older = await middle("older versions");
    await older.asks(api.apiVersions, 0, { clientSoftwareName: "", clientSoftwareVersion: "" });
    await older.learnsItsFate();
    const again = await middle("handshake");
    await again.handshakes("PLAIN");
    await again.learnsItsFate();
    const topics = await middle("topics");
    await topics.asks(api.metadata, 8, NOTHING);
    await topics.learnsItsFate();
    const producer = await middle("producer");
    await producer.asks(api.initProducerId, 4, PRODUCER);
    await producer.learnsItsFate();
  }),

  scenario("messages without headers", async (peer) => {
    for (const [index, message] of ["\0alice\0alice-secret", "\0alice\0wrong", "\0", ""].entries()) {
      using bare = await BareExchange.begin(peer.stranger(`PLAIN ${index}`), "PLAIN");
      await bare.says(message);
    }
    using bare = await BareExchange.begin(peer.stranger("SCRAM"), "SCRAM-SHA-256");
    await bare.says("n,,n=nobody,r=abcdefgh");
    using unknown = await BareExchange.begin(peer.stranger("unknown"), "GSSAPI");
    await unknown.says("anything");
  }),

  scenario("frames that are too large, or none", async (peer) => {
    for (const size of [512 * 1024 + 1, -1, 2 ** 31 - 1]) {
      await stranger(peer, `of ${size} bytes`).sends(
        `the announcement of ${size} bytes`,
        size,
        new Uint8Array(0),
      );
    }
    const large = stranger(peer, "large message");
    await large.handshakes("PLAIN");
    await large.sends("the announcement of a large message", 512 * 1024 + 1, new Uint8Array(0));
    const just = stranger(peer, "just so large");
    await just.sends("the announcement of as much as there may be", 512 * 1024, new Uint8Array(100));
    await stranger(peer, "garbage").sends("garbage", 20, new Uint8Array(20).fill(0x47));
    await stranger(peer, "TLS").sends("the beginning of TLS", 0x16030100, new Uint8Array(20));
  }),

  scenario("whoever has authenticated, or need not, begins again", async (peer) => {
    const alice = stranger(peer, "alice");
    await alice.logsIn("alice");
    await alice.logsIn("alice");
    await alice.handshakes("GSSAPI");
    await alice.handshakes("PLAIN", 0);
    await alice.asks(api.metadata, 8, NOTHING, "asks for topics");
    const nobody = new Stranger(peer.client("nobody"));
    await nobody.logsIn("alice");
    await nobody.handshakes("GSSAPI", 0);
    await nobody.asks(api.metadata, 8, NOTHING, "asks for topics");
  }),
];

/** The same where it ends after {@link SESSION_MS} (KIP-368). */
export const authenticatingAgain: readonly Scenario[] = [
  scenario("whoever authenticates again goes on", async (peer) => {
    const alice = stranger(peer, "alice");
    await alice.logsIn("alice");
    for (let time = 0; time < 2; time++) {
      await pause(SESSION_MS / 2);
      await alice.logsIn("alice");
      await alice.asks(api.metadata, 8, NOTHING, "asks for topics");
    }
  }),

  scenario("whoever does not is let go with the next request", async (peer) => {
    const alice = stranger(peer, "alice");
    await alice.logsIn("alice");
    const late = stranger(peer, "late");
    await late.logsIn("bob");
    await pause(SESSION_MS + 100);
    await alice.asks(api.metadata, 8, NOTHING, "asks for topics");
    await late.logsIn("bob");
    await late.asks(api.metadata, 8, NOTHING, "asks for topics");
  }),

  scenario("whoever says so with an older version is let go, too", async (peer) => {
    const old = stranger(peer, "alice");
    await old.handshakes("PLAIN");
    await old.says("\0alice\0alice-secret", 0);
    await pause(SESSION_MS + 100);
    await old.asks(api.metadata, 8, NOTHING, "asks for topics");
  }),

  scenario("whoever authenticates again has to be who it was, in the same way", async (peer) => {
    const other = stranger(peer, "alice who would be bob");
    await other.logsIn("alice");
    await pause(1100);
    await other.logsIn("bob");
    await other.learnsItsFate();
    const wrong = stranger(peer, "alice who has forgotten");
    await wrong.logsIn("alice");
    await pause(1100);
    await wrong.logsIn("alice", "wrong");
    await wrong.learnsItsFate();
    const scram = stranger(peer, "alice who would use SCRAM");
    await scram.logsIn("alice");
    await pause(1100);
    await scram.handshakes("SCRAM-SHA-256");
    await scram.says("n,,n=alice,r=abcdefgh");
    await scram.learnsItsFate();
    const none = stranger(peer, "alice who would use what is not enabled");
    await none.logsIn("alice");
    await pause(1100);
    await none.handshakes("GSSAPI");
    await none.learnsItsFate();
  }),

  scenario("nobody authenticates again all the time", async (peer) => {
    const alice = stranger(peer, "alice");
    await alice.logsIn("alice");
    await alice.logsIn("alice");
    await alice.logsIn("alice");
    await alice.asks(api.metadata, 8, NOTHING, "asks for topics");
  }),

  scenario("requests in the middle of the second time", async (peer) => {
    const alice = stranger(peer, "alice");
    await alice.logsIn("alice");
    await alice.handshakes("PLAIN");
    await alice.asks(api.apiVersions, 3, SOFTWARE, "asks for versions");
    await alice.learnsItsFate();
  }),
];
