import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { ErrorCode } from "../../../base/error_codes.ts";
import { decideAlterScram, type ScramDeletion, type ScramKeys, type ScramUpsertion } from "./mod.ts";
import { ScramCredentials } from "./scram_credentials.ts";

const NO_KEYS: ScramKeys = { storedKey: "stored", serverKey: "server" };

function upsertion(user: string, mechanism = 1, iterations = 4096): ScramUpsertion {
  return { user, mechanism, iterations, salt: new Uint8Array(4), saltedPassword: new Uint8Array(32) };
}

/** Carries a request out; answers the error code of each user. */
function alter(
  credentials: ScramCredentials,
  deletions: readonly ScramDeletion[],
  upsertions: readonly ScramUpsertion[],
): Record<string, number> {
  const keys = new Map(upsertions.map((each) => [each, NO_KEYS]));
  const { outcomes, records } = decideAlterScram(credentials, deletions, upsertions, keys);
  for (const record of records) credentials.apply(record);
  return Object.fromEntries(Array.from(outcomes, ([user, refusal]) => [user, refusal?.error ?? 0]));
}

/** What there is, as `user mechanism iterations`. */
function told(credentials: ScramCredentials): string[] {
  return Array.from(credentials.users(), (user) => credentials.of(user)).flat()
    .map(({ user, mechanism, iterations }) => `${user} ${mechanism} ${iterations}`).sort();
}

const user = fc.constantFrom("a", "b", "");
const mechanism = fc.constantFrom(1, 2, 3);
const request = fc.record({
  deletions: fc.array(fc.record({ user, mechanism }), { maxLength: 3 }),
  upsertions: fc.array(
    fc.tuple(user, mechanism, fc.constantFrom(4095, 4096, 16_384, 16_385)),
    { maxLength: 3 },
  ),
});

Deno.test("a user of whose changes one is wrong keeps all, whoever is named once gets what was asked, and nobody else changes", () => {
  fc.assert(fc.property(fc.array(request, { maxLength: 10 }), (requests) => {
    let credentials = new ScramCredentials();
    const model = new Map<string, string>();
    for (const { deletions, upsertions } of requests) {
      const outcomes = alter(credentials, deletions, upsertions.map((args) => upsertion(...args)));
      const named = [...deletions.map((each) => each.user), ...upsertions.map(([name]) => name)];
      deepStrictEqual(Object.keys(outcomes).sort(), [...new Set(named)].sort());
      for (const [name, code] of Object.entries(outcomes)) {
        if (named.filter((each) => each === name).length > 1) strictEqual(code === 0, false);
        if (code !== 0) continue;
        const gone = deletions.find((each) => each.user === name);
        const set = upsertions.find(([each]) => each === name);
        if (gone !== undefined) model.delete(`${name} SCRAM-SHA-${gone.mechanism === 1 ? 256 : 512}`);
        else if (set !== undefined) {
          model.set(`${name} SCRAM-SHA-${set[1] === 1 ? 256 : 512}`, String(set[2]));
        }
      }
      credentials = ScramCredentials.restore(JSON.parse(JSON.stringify(credentials.snapshot())));
      deepStrictEqual(
        told(credentials),
        Array.from(model, ([key, iterations]) => `${key} ${iterations}`).sort(),
      );
    }
  }));
});

Deno.test("there are only so many users, who can still be changed and removed, and make room for others", () => {
  const credentials = new ScramCredentials();
  for (let index = 0; index < 10_000; index++) alter(credentials, [], [upsertion(`u${index}`)]);
  deepStrictEqual(alter(credentials, [], [upsertion("late"), upsertion("u7", 2)]), {
    u7: 0,
    late: ErrorCode.POLICY_VIOLATION,
  });
  deepStrictEqual(alter(credentials, [{ user: "u3", mechanism: 1 }], []), { u3: 0 });
  deepStrictEqual(alter(credentials, [], [upsertion("late"), upsertion("later")]), {
    late: 0,
    later: ErrorCode.POLICY_VIOLATION,
  });
});

Deno.test("names and salts have a length that they may have", () => {
  const credentials = new ScramCredentials();
  const long = "x".repeat(1001);
  const outcomes = alter(credentials, [], [
    upsertion(long),
    { ...upsertion("salted"), salt: new Uint8Array(257) },
    { ...upsertion("without"), saltedPassword: new Uint8Array() },
  ]);
  const code = ErrorCode.UNACCEPTABLE_CREDENTIAL;
  deepStrictEqual(outcomes, { [long]: code, salted: code, without: code });
});
