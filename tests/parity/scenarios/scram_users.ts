import { SHA_256, SHA_512, UserAdmin } from "../actors/user_admin.ts";
import { type Scenario, scenario } from "../scenario.ts";

/** Users that clients make (KIP-554). */
export const scramUsers: readonly Scenario[] = [
  scenario("users are made, changed and removed", async (peer) => {
    const admin = new UserAdmin(peer);
    await admin.shows("before", ["u"]);
    await admin.sets("a first credential", ["u", {}]);
    await admin.shows("with one", ["u"]);
    await admin.sets("a second", ["u", { mechanism: SHA_512, iterations: 8192 }]);
    await admin.shows("with two", ["u"]);
    await admin.sets("another in place of the first", ["u", { iterations: 5000 }]);
    await admin.shows("changed", ["u"]);
    await admin.removes("the second", ["u", SHA_512]);
    await admin.shows("with one again", ["u"]);
    await admin.removes("the second again", ["u", SHA_512]);
    await admin.removes("the first", ["u", SHA_256]);
    await admin.shows("behind", ["u"]);
    await admin.removes("the first again", ["u", SHA_256]);
  }),

  scenario("what a user can have, and what not", async (peer) => {
    const admin = new UserAdmin(peer);
    for (const iterations of [-1, 0, 4095, 4096, 16_384, 16_385, 2 ** 31 - 1]) {
      for (const mechanism of [SHA_256, SHA_512]) {
        await admin.sets(`${iterations} iterations`, ["u", { mechanism, iterations }]);
      }
    }
    for (const mechanism of [-1, 0, 3, 127]) {
      await admin.sets(`mechanism ${mechanism} set`, ["v", { mechanism }]);
      await admin.removes(`mechanism ${mechanism} removed`, ["v", mechanism]);
    }
    await admin.sets("no name set", ["", {}]);
    await admin.sets("no name and no mechanism set", ["", { mechanism: 9 }]);
    await admin.removes("no name removed", ["", SHA_256]);
    await admin.sets("too few iterations of no mechanism", ["v", { mechanism: 9, iterations: 1 }]);
    await admin.sets("no salt", ["no salt", { salt: "" }]);
    await admin.sets("no password", ["no password", { saltedPassword: new Uint8Array() }]);
    await admin.sets("a short password", ["short", { saltedPassword: new Uint8Array(1) }]);
    await admin.sets("a long password", ["long", { saltedPassword: new Uint8Array(1000) }]);
    await admin.sets("a name of many letters", ["ä,=:;* \u{1F511}", {}]);
    await admin.shows("all of them", null);
  }),

  scenario("many changes in one request", async (peer) => {
    const admin = new UserAdmin(peer);
    await admin.alters("nothing", [], []);
    await admin.sets("two users", ["a", {}], ["b", { mechanism: SHA_512 }]);
    await admin.sets("both mechanisms of a user", ["c", {}], ["c", { mechanism: SHA_512 }]);
    await admin.shows("so far", ["a", "b", "c"]);
    await admin.sets("the same twice", ["d", {}], ["d", { iterations: 5000 }]);
    await admin.sets("the same three times", ["d", {}], ["d", {}], ["d", {}]);
    await admin.sets("a right one and a wrong one", ["e", {}], ["e", { iterations: 1 }]);
    await admin.sets("a wrong one and a right one", ["f", { iterations: 1 }], ["f", {}]);
    await admin.sets("one user right, one wrong", ["g", {}], ["h", { mechanism: 9 }]);
    await admin.shows("then", ["d", "e", "f", "g", "h"]);
    await admin.alters("removed and set", [["a", SHA_256]], [["a", { iterations: 5000 }]]);
    await admin.alters("one removed, the other set", [["b", SHA_512]], [["b", {}]]);
    await admin.alters("removed where there is none, and set", [["i", SHA_256]], [["i", {}]]);
    await admin.removes("removed twice", ["g", SHA_256], ["g", SHA_256]);
    await admin.removes("two removed, of one there is one", ["g", SHA_256], ["g", SHA_512]);
    await admin.shows("at last", ["a", "b", "g", "i"]);
  }),

  scenario("users are described", async (peer) => {
    const admin = new UserAdmin(peer);
    await admin.sets("three users", ["a", {}], ["b", { mechanism: SHA_512, iterations: 16_384 }], ["c", {}]);
    await admin.shows("one", ["a"]);
    await admin.shows("two", ["b", "a"]);
    await admin.shows("one twice", ["a", "a"]);
    await admin.shows("one twice, and another", ["a", "c", "a"]);
    await admin.shows("nobody", ["z"]);
    await admin.shows("nobody twice", ["z", "z"]);
    await admin.shows("no name", [""]);
    await admin.shows("somebody and nobody", ["z", "b", ""]);
    await admin.shows("none", []);
    await admin.shows("all", null);
  }),
];
