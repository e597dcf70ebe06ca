import assert from "node:assert/strict";
import { APIS } from "../../../src/apis/mod.ts";
import { keptAnswers } from "../answers.ts";
import { REQUESTERS } from "./requesters.ts";
import { rights } from "./mod.ts";

/** What is asked before it is known who asks. */
const BEFORE_RIGHTS: readonly string[] = ["SaslHandshake", "SaslAuthenticate"];

Deno.test("every API is in the matrix of rights, and every question of it is asked by everybody", async () => {
  const answers = await keptAnswers({ name: "rights", scenarios: rights });
  const lines = Array.from(answers.values()).flatMap((ofScenario) => Object.keys(ofScenario));
  const asked = lines.filter((line) => line.includes(", asked by "));
  const questions = Map.groupBy(asked, (line) => line.slice(0, line.lastIndexOf(", asked by ")));
  for (const [question, lines] of questions) assert.equal(lines.length, REQUESTERS.length, question);
  const names = new Set(Array.from(questions.keys(), (question) => question.split(" ")[0]));
  const missing = APIS.map(({ name }) => name).filter((name) =>
    !names.has(name) && !BEFORE_RIGHTS.includes(name)
  );
  assert.deepEqual(missing, []);
});
