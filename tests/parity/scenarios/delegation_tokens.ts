import { type HeldToken, type Named, TokenHolder } from "../actors/token_holder.ts";
import { api } from "../api.ts";
import type { Client } from "../client.ts";
import { loneScenario, type Scenario, scenario } from "../scenario.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const NO_TOKEN: HeldToken = { id: "", hmac: new Uint8Array(64), issuedAtMs: 0 };

const user = (name: string): Named => ["User", name];

/** Asks all there is to ask about tokens, at every version. */
async function asksAll(client: Client): Promise<void> {
  const holder = new TokenHolder(client);
  for (const version of [1, 2, 3]) {
    await holder.makes(`makes, version ${version}`, { version });
    await holder.sees(`sees all, version ${version}`, null, {}, version);
    await holder.sees(`sees nobody's, version ${version}`, [], {}, version);
  }
  await holder.makes("makes another's", { owner: user("bob") });
  await holder.makes("makes with a renewer of no type", { renewers: [["Group", "x"]] });
  for (const version of [1, 2]) {
    await holder.renews(`renews, version ${version}`, NO_TOKEN, -1, version);
    await holder.expires(`lets expire, version ${version}`, NO_TOKEN, -1, version);
  }
}

/** Without a secret, and where nobody has to say who they are. */
export const noDelegationTokens: readonly Scenario[] = [
  scenario(
    "whoever is nobody asks about tokens that there cannot be",
    (peer) => asksAll(peer.client("nobody")),
  ),
  scenario("a user asks about tokens that there cannot be", (peer) => asksAll(peer.user("alice"))),
];

/** Tokens (KIP-48, KIP-373). Users are the same for all, so scenarios take turns. */
export const delegationTokens: readonly Scenario[] = [
  scenario("whoever is nobody asks about tokens", (peer) => asksAll(peer.client("nobody"))),

  scenario("tokens are made at every version", async (peer) => {
    const alice = new TokenHolder(peer.user("alice"));
    const tokens: Record<string, HeldToken> = {};
    for (const version of [1, 2, 3]) {
      tokens[`v${version}`] = await alice.makes(`makes, version ${version}`, {
        version,
        renewers: [user("bob"), user("carol")],
      });
    }
    await alice.settles();
    for (const version of [1, 2, 3]) await alice.sees(`sees them, version ${version}`, null, tokens, version);
  }),

  scenario("how long a token may live", async (peer) => {
    const alice = new TokenHolder(peer.user("alice"));
    const lifetimes = [-2, -1, 0, 1, MINUTE_MS, 30 * MINUTE_MS, DAY_MS, 2 * DAY_MS, 7 * DAY_MS, 8 * DAY_MS];
    for (const maxLifetimeMs of lifetimes) await alice.makes(`${maxLifetimeMs} ms`, { maxLifetimeMs });
  }),

  scenario("owners and renewers of all kinds", async (peer) => {
    const alice = new TokenHolder(peer.user("alice"));
    const tokens: Record<string, HeldToken> = {};
    const makes = async (question: string, owner: Named, renewers: readonly Named[] = []) => {
      tokens[question] = await alice.makes(question, { owner, renewers });
    };
    await makes("for bob", user("bob"));
    await makes("for herself", user("alice"));
    await makes("for no name", user(""));
    await makes("for no name of no type", ["", ""]);
    await makes("for a group", ["Group", "g"]);
    await makes("for somebody unknown", user("nobody knows"));
    await makes("a renewer without a name", [null, null], [user("")]);
    await makes("a renewer of another type", [null, null], [["Group", "g"]]);
    await makes("a renewer of no type", [null, null], [["", "g"]]);
    await makes("a right and a wrong renewer", [null, null], [user("bob"), ["user", "carol"]]);
    await makes("a renewer twice", [null, null], [user("bob"), user("bob")]);
    await makes("herself as a renewer", [null, null], [user("alice")]);
    await alice.settles();
    await alice.sees("sees them", null, tokens);
    await alice.sees("sees bob's", [user("bob")], tokens);
  }),

  scenario("tokens are renewed", async (peer) => {
    const [alice, bob, carol] = ["alice", "bob", "carol"].map((name) => new TokenHolder(peer.user(name)));
    if (alice === undefined || bob === undefined || carol === undefined) return;
    const week = await alice.makes("makes one of a week", { renewers: [user("bob")] });
    const hour = await alice.makes("makes one of an hour", { maxLifetimeMs: 60 * MINUTE_MS });
    const bobs = await alice.makes("makes one for bob", { owner: user("bob") });
    await alice.settles();
    for (const periodMs of [-5, 0, MINUTE_MS, 60 * MINUTE_MS, DAY_MS, 3 * DAY_MS, 30 * DAY_MS]) {
      await alice.renews(`by ${periodMs} ms`, week, periodMs);
      await alice.renews(`that of an hour by ${periodMs} ms`, hour, periodMs);
    }
    await alice.renews("at version 1", week, 5 * MINUTE_MS, 1);
    await bob.renews("by its renewer", week, 10 * MINUTE_MS);
    await carol.renews("by somebody else", week, 10 * MINUTE_MS);
    await alice.renews("by who has asked for it", bobs, 10 * MINUTE_MS);
    await bob.renews("by its owner, who has not", bobs, 10 * MINUTE_MS);
    await alice.renews("one that there is not", NO_TOKEN, -1);
    await alice.renews("one without a secret", { ...NO_TOKEN, hmac: new Uint8Array() }, -1);
    await alice.renews("one with a part of a secret", { ...week, hmac: week.hmac.subarray(0, 20) }, -1);
    await alice.settles();
    await alice.sees("sees them", null, { week, hour, bobs });
  }),

  scenario("tokens expire", async (peer) => {
    const [alice, bob, carol] = ["alice", "bob", "carol"].map((name) => new TokenHolder(peer.user(name)));
    if (alice === undefined || bob === undefined || carol === undefined) return;
    const one = await alice.makes("makes one", { renewers: [user("bob")] });
    const two = await alice.makes("makes two");
    const three = await alice.makes("makes three");
    const bobs = await alice.makes("makes one for bob", { owner: user("bob") });
    await alice.settles();
    await carol.expires("by somebody else", one, -1);
    await alice.expires("by who has asked for it", bobs, -1);
    for (const periodMs of [30 * DAY_MS, DAY_MS, MINUTE_MS]) {
      await alice.expires(`in ${periodMs} ms`, one, periodMs);
    }
    await bob.expires("by its renewer", one, 2 * MINUTE_MS);
    await alice.expires("at version 1", one, 3 * MINUTE_MS, 1);
    await alice.settles();
    await alice.sees("sees when", null, { one, two, three });
    await alice.expires("at once", two, -1);
    await alice.expires("at once, with another number", three, -77);
    await bob.expires("by its owner, who has not asked for it", bobs, -1);
    await alice.settles();
    await alice.sees("sees what is left", null, { one, two, three, bobs });
    await alice.expires("again", two, -1);
    await alice.renews("renewed again", two, -1);
    await alice.expires("now", one, 0);
    await alice.settles();
    await alice.renews("renewed when it has expired", one, MINUTE_MS);
    await alice.expires("expired when it has expired", one, MINUTE_MS);
    await alice.expires("one that there is not", NO_TOKEN, -1);
    await alice.expires("one without a secret", { ...NO_TOKEN, hmac: new Uint8Array() }, -1);
    await alice.sees("sees what has expired", null, { one });
  }),

  scenario("tokens are described to those whom they concern", async (peer) => {
    const names = ["alice", "bob", "carol", "dave"];
    const [alice, bob, carol, dave] = names.map((name) => new TokenHolder(peer.user(name)));
    if (alice === undefined || bob === undefined || carol === undefined || dave === undefined) return;
    const tokens = {
      mine: await alice.makes("makes her own"),
      renewable: await alice.makes("makes one that bob renews", { renewers: [user("bob")] }),
      bobs: await alice.makes("makes bob's", { owner: user("bob") }),
      carols: await carol.makes("makes her own"),
    };
    await alice.settles();
    for (const each of [alice, bob, carol, dave]) {
      await each.sees("sees all", null, tokens);
      await each.sees("sees nobody's", [], tokens);
      await each.sees("sees alice's", [user("alice")], tokens);
      await each.sees("sees bob's and carol's", [user("bob"), user("carol")], tokens);
      await each.sees("sees bob's twice", [user("bob"), user("bob")], tokens);
      await each.sees("sees a group's", [["Group", "alice"]], tokens);
    }
  }),

  loneScenario("whoever logs in with a token is its owner, and makes no others", async (peer) => {
    const alice = new TokenHolder(peer.user("alice"));
    const token = await alice.makes("makes one", { owner: user("bob") });
    await alice.settles();
    const client = peer.user("token", token);
    await asksAll(client);
    await new TokenHolder(client).renews("renews itself", token, MINUTE_MS);
    await client.ask("is served", api.findCoordinator, 4, { key: "", keyType: 0, coordinatorKeys: ["g"] });
  }),
];
