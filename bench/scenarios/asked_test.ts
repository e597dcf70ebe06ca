import assert from "node:assert/strict";
import { askedOf } from "./asked.ts";
import { SCENARIOS } from "./all.ts";

const SYSTEMS = ["klite", "kafka", "kafka-fsync", "other", "klite-again", "klite-rights"].map((name) => ({
  name,
}));

function namesOf(asks: "peers" | "ours" | "rights"): string[] {
  return askedOf(SYSTEMS, asks).map(({ name }) => name);
}

Deno.test("a scenario asks klite, and beside it its peers, nobody, or klites set up otherwise", () => {
  assert.deepEqual(namesOf("peers"), ["klite", "kafka", "kafka-fsync", "other"]);
  assert.deepEqual(namesOf("ours"), ["klite"]);
  assert.deepEqual(namesOf("rights"), ["klite", "klite-again", "klite-rights"]);
});

Deno.test("only the scenario of rights asks the klites set up otherwise", () => {
  const asking = SCENARIOS.filter(({ asks }) => asks === "rights");
  assert.deepEqual(asking.map(({ name, group }) => [name, group]), [["produce-64k-rights", "security"]]);
});
