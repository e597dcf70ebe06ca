/** What is unlike is found, so that a clean result means something. */
import { deepStrictEqual, equal } from "node:assert/strict";
import { compare } from "./compare.ts";
import { DIFFERENCES } from "./differences.ts";
import { Normalizer } from "./normalize.ts";

const KAFKA = { "a joins": { errorCode: 0, members: [{ memberId: "id of a", epoch: 1 }] } };

Deno.test("an answer that is unlike Kafka's is a fault, at its place", () => {
  const klite = { "a joins": { errorCode: 0, members: [{ memberId: "id of a", epoch: 2 }] } };
  deepStrictEqual(compare("some scenario", klite, KAFKA), {
    "a joins": ["members[0].epoch: klite 2, Kafka 1"],
  });
  deepStrictEqual(compare("some scenario", KAFKA, KAFKA), {});
});

Deno.test("a question that only one of them is asked is a fault", () => {
  const more = { ...KAFKA, "a leaves": {} };
  deepStrictEqual(compare("some scenario", more, KAFKA), { "a leaves": "is asked of klite alone" });
  deepStrictEqual(compare("some scenario", KAFKA, more), { "a leaves": "is asked of Kafka alone" });
});

Deno.test("a difference that is named and does not show is a fault", () => {
  const [named] = DIFFERENCES;
  const faults = compare(named?.scenario ?? "", KAFKA, KAFKA);
  deepStrictEqual(Object.values(faults), ["is named as a difference and is none"]);
});

Deno.test("what must differ between two brokers has one word for both", () => {
  const answer = (run: string, memberId: string, producerId: number) => {
    const normalizer = new Normalizer(run);
    normalizer.knowMember("a", memberId);
    return normalizer.plain({
      groups: [{ groupId: `group-${run}`, errorCode: 0 }, { groupId: "of another run", errorCode: 0 }],
      leader: memberId,
      producerId,
      errorMessage: `what ${run} says`,
      atMs: Date.now(),
    });
  };
  const one = answer("r1r", "wire-client-00000000-0000-4000-8000-000000000001", 7);
  deepStrictEqual(one, answer("r2r", "wire-client-00000000-0000-4000-8000-000000000002", 4000));
  equal(JSON.stringify(one).includes("another"), false);
});
