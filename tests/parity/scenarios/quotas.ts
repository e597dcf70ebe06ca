import { type Entity, Match, QuotaAdmin } from "../actors/quota_admin.ts";
import { loneScenario, type Scenario, scenario } from "../scenario.ts";

const KEYS = [
  "producer_byte_rate",
  "consumer_byte_rate",
  "request_percentage",
  "controller_mutation_rate",
  "connection_creation_rate",
];
const TYPES = ["user", "client-id", "ip"] as const;

/** Quotas as they are set and described (KIP-546). */
export const quotas: readonly Scenario[] = [
  ...[0, 1].map((version) =>
    scenario(`quotas are set, changed and taken back at version ${version}`, async (peer) => {
      const admin = new QuotaAdmin(peer);
      const user: Entity = [["user", peer.unique("u")]];
      const both: Entity = [["user", peer.unique("u")], ["client-id", peer.unique("c")]];
      const shows = async (when: string) => {
        await admin.shows(`of the user ${when}`, [["user", Match.EXACT, peer.unique("u")]], { version });
      };
      await shows("before");
      await admin.sets("one", [[user, { producer_byte_rate: 1000 }]], { version });
      await shows("with one");
      await admin.sets("more", [[user, { consumer_byte_rate: 2000, request_percentage: 12.5 }]], { version });
      await admin.sets("of both", [[both, { producer_byte_rate: 1 }]], { version });
      await shows("with more");
      await admin.sets("others", [[user, { producer_byte_rate: 1001, consumer_byte_rate: null }]], {
        version,
      });
      await shows("with others");
      await admin.sets("the same", [[user, { producer_byte_rate: 1001 }]], { version });
      await admin.sets("none", [[user, {}]], { version });
      await admin.sets("what is not set taken back", [[user, { consumer_byte_rate: null }]], { version });
      await admin.sets("only checked", [[user, { producer_byte_rate: 5 }]], { version, validateOnly: true });
      await admin.sets("wrong and only checked", [[user, { producer_byte_rate: -5 }]], {
        version,
        validateOnly: true,
      });
      await shows("as before");
      await admin.sets("all taken back", [
        [user, { producer_byte_rate: null, request_percentage: null }],
        [both, { producer_byte_rate: null }],
      ], { version });
      await shows("at the end");
    })
  ),

  scenario("what may be set for whom", async (peer) => {
    const admin = new QuotaAdmin(peer);
    const values = [
      -1,
      0,
      1e-7,
      0.5,
      1,
      1.5,
      1 + 1e-7,
      2 ** 31 - 1,
      2 ** 31,
      1e18,
      2 ** 63,
      1e19,
      NaN,
      Infinity,
      -Infinity,
    ];
    for (const key of KEYS) {
      for (const type of TYPES) {
        const name = type === "ip" ? "10.1.2.3" : peer.unique("e");
        for (const value of values) {
          await admin.sets(`${value} ${key} of ${type}`, [[[[type, name]], { [key]: value }]]);
        }
        await admin.sets(`no ${key} of ${type}`, [[[[type, name]], { [key]: null }]]);
      }
    }
    for (const key of ["", "no_such_rate", "PRODUCER_BYTE_RATE", "SCRAM-SHA-256"]) {
      await admin.sets(`key ${key}`, [[[["user", peer.unique("e")]], { [key]: 1 }]]);
      await admin.sets(`no key ${key}`, [[[["user", peer.unique("e")]], { [key]: null }]]);
    }
    for (const type of TYPES) {
      const name = type === "ip" ? "10.1.2.3" : peer.unique("e");
      await admin.shows(`then of ${type}`, [[type, Match.EXACT, name]]);
    }
    await admin.sets("no connections any more", [[[["ip", "10.1.2.3"]], { connection_creation_rate: null }]]);
  }),

  scenario("who may have quotas", async (peer) => {
    const admin = new QuotaAdmin(peer);
    const [u, c] = [peer.unique("u"), peer.unique("c")];
    const entities: readonly (readonly [string, Entity])[] = [
      ["nobody", []],
      ["an unknown type", [["group", u]]],
      ["a type in capitals", [["USER", u]]],
      ["no type", [["", u]]],
      ["an empty user", [["user", ""]]],
      ["an empty client id", [["client-id", ""]]],
      ["an empty address", [["ip", ""]]],
      ["a user and an empty client id", [["user", u], ["client-id", ""]]],
      ["a user and an address", [["user", u], ["ip", "10.0.0.1"]]],
      ["a client id and an address", [["client-id", c], ["ip", "10.0.0.1"]]],
      ["all three", [["user", u], ["client-id", c], ["ip", "10.0.0.1"]]],
      ["a user and an unknown type", [["user", u], ["group", u]]],
      ["a user twice", [["user", u], ["user", `${u}-other`]]],
      ["both the other way round", [["client-id", c], ["user", u]]],
      ["a name of many letters", [["user", `ä,=:;* "\u{1F511}-${u}`]]],
    ];
    for (const [name, entity] of entities) {
      await admin.sets(name, [[entity, { producer_byte_rate: 1000 }]]);
      await admin.sets(`${name}, connections`, [[entity, { connection_creation_rate: 1000 }]]);
    }
    for (
      const address of [
        "10.0.0.2",
        "::1",
        "0:0:0:0:0:0:0:1",
        "256.0.0.1",
        "1.2.3",
        "localhost",
        "a.b.invalid",
        "10.0.0.2/8",
      ]
    ) {
      await admin.sets(`address ${address}`, [[[["ip", address]], { connection_creation_rate: 7 }]], {
        validateOnly: true,
      });
    }
    await admin.shows("users then", [["user", Match.ANY]]);
    await admin.shows("client ids then", [["client-id", Match.ANY]]);
  }),

  scenario("many changes in one request", async (peer) => {
    const admin = new QuotaAdmin(peer);
    const user = (name: string): Entity => [["user", peer.unique(name)]];
    const rate = (value: number) => ({ producer_byte_rate: value });
    await admin.sets("nothing", []);
    await admin.sets("two users", [[user("a"), rate(1)], [user("b"), rate(2)]]);
    await admin.sets("one right, one wrong", [[user("c"), rate(1)], [user("d"), rate(-1)]]);
    await admin.sets("right and wrong of one", [[user("e"), { ...rate(1), no_such_rate: 1 }]]);
    await admin.sets("a user twice", [[user("f"), rate(1)], [user("f"), rate(2)]]);
    await admin.sets("a user three times", [[user("g"), rate(1)], [user("g"), rate(2)], [
      user("g"),
      rate(3),
    ]]);
    await admin.sets("a user twice, wrong first", [[user("h"), rate(-1)], [user("h"), rate(2)]]);
    await admin.sets("a key twice", [[user("i"), [["producer_byte_rate", 1], ["producer_byte_rate", 2]]]]);
    await admin.sets("a key twice, and again", [
      [user("j"), [["producer_byte_rate", 1], ["producer_byte_rate", 2]]],
      [user("j"), rate(3)],
    ]);
    await admin.sets("a key set and taken back", [[user("k"), [["producer_byte_rate", 1], [
      "producer_byte_rate",
      null,
    ]]]]);
    await admin.shows("then", [["user", Match.ANY]]);
  }),

  scenario("quotas are found by filters", async (peer) => {
    const admin = new QuotaAdmin(peer);
    const [u, v, c, d] = ["u", "v", "c", "d"].map((name) => peer.unique(name));
    const rate = { producer_byte_rate: 1_000_000_000 };
    await admin.sets("of many", [
      [[["user", u!]], rate],
      [[["user", v!]], rate],
      [[["client-id", c!]], rate],
      [[["user", u!], ["client-id", c!]], rate],
      [[["user", v!], ["client-id", d!]], rate],
      [[["user", u!], ["client-id", null]], rate],
      [[["user", null], ["client-id", c!]], rate],
      [[["ip", "10.9.8.7"]], { connection_creation_rate: 1_000_000 }],
    ]);
    const matches = (type: string, name: string) =>
      [[type, Match.EXACT, name], [type, Match.DEFAULT], [type, Match.ANY], null] as const;
    for (const strict of [false, true]) {
      for (const [x, user] of matches("user", u!).entries()) {
        for (const [y, clientId] of matches("client-id", c!).entries()) {
          const filters = [user, clientId].filter((filter) => filter !== null);
          await admin.shows(`filters ${x} and ${y}${strict ? ", strictly" : ""}`, filters, { strict });
        }
      }
      await admin.shows(`all addresses${strict ? ", strictly" : ""}`, [["ip", Match.ANY]], { strict });
      await admin.shows(`an address${strict ? ", strictly" : ""}`, [["ip", Match.EXACT, "10.9.8.7"]], {
        strict,
      });
    }
    await admin.sets("and no more", [
      [[["user", u!], ["client-id", null]], { producer_byte_rate: null }],
      [[["user", null], ["client-id", c!]], { producer_byte_rate: null }],
      [[["ip", "10.9.8.7"]], { connection_creation_rate: null }],
    ]);
  }),

  scenario("filters that are none", async (peer) => {
    const admin = new QuotaAdmin(peer);
    for (const type of ["", "group", "USER", "user"]) {
      for (const matchType of [-1, 0, 1, 2, 3, 127]) {
        for (const match of [null, "", "nobody"]) {
          await admin.shows(`${type} ${matchType} ${match}`, [[type, matchType, match]]);
        }
      }
    }
    const [user, clientId, ip] = TYPES.map((type) => [type, Match.ANY] as const);
    await admin.shows("users twice", [user!, user!]);
    await admin.shows("a user and any", [["user", Match.EXACT, peer.unique("u")], user!]);
    await admin.shows("users and addresses", [user!, ip!]);
    await admin.shows("client ids and addresses", [clientId!, ip!]);
    await admin.shows("all three", [user!, clientId!, ip!]);
    await admin.shows("an unknown type behind addresses", [ip!, ["group", Match.ANY]]);
  }),

  loneScenario("defaults are set and taken back", async (peer) => {
    const admin = new QuotaAdmin(peer);
    const entities: readonly Entity[] = [
      [["user", null]],
      [["client-id", null]],
      [["user", null], ["client-id", null]],
      [["ip", null]],
    ];
    const change = async (question: string, value: number | null) => {
      await admin.sets(
        question,
        entities.map((entity) => {
          const isAddress = entity.some(([type]) => type === "ip");
          return [entity, { [isAddress ? "connection_creation_rate" : "producer_byte_rate"]: value }];
        }),
      );
    };
    await change("set", 1_000_000_000);
    for (const type of TYPES) {
      await admin.shows(`default of ${type}`, [[type, Match.DEFAULT]]);
      await admin.shows(`${type} of any name`, [[type, Match.ANY]]);
    }
    await change("taken back", null);
    await admin.shows("all", []);
  }),
];
