import assert from "node:assert/strict";
import { chosenScenarios, chosenSystems } from "./choice.ts";
import { parseOptions } from "./options.ts";
import type { System } from "./systems/system.ts";

const SYSTEMS = ["klite", "kafka", "other", "klite-again", "klite-rights"].map(aSystem);

function aSystem(name: string): System {
  const isNotStarted = () => Promise.reject(new Error("nothing is started here"));
  return { name, title: name, measuresStart: false, version: isNotStarted, start: isNotStarted };
}

function systemsWith(...args: string[]): string[] {
  const options = parseOptions(args);
  return chosenSystems(SYSTEMS, chosenScenarios(options), options).map(({ name }) => name);
}

function groupsWith(...args: string[]): string[] {
  return [...new Set(chosenScenarios(parseOptions(args)).map(({ group }) => group))];
}

Deno.test("what rights cost is measured when its group or its scenario is named, and not otherwise", () => {
  assert.deepEqual(groupsWith(), ["core", "latency", "scale", "topics", "clients"]);
  assert.ok(!groupsWith("--quick").includes("security"));
  assert.deepEqual(groupsWith("--group", "security"), ["security"]);
  assert.deepEqual(groupsWith("--group", "security", "--quick"), ["security"]);
  assert.deepEqual(groupsWith("--scenario", "produce-64k-rights"), ["security"]);
  assert.deepEqual(groupsWith("--group", "tier"), []);
});

Deno.test("a run has the systems that its scenarios ask, and klite", () => {
  assert.deepEqual(systemsWith(), ["klite", "kafka", "other"]);
  assert.deepEqual(systemsWith("--group", "security"), ["klite", "klite-again", "klite-rights"]);
  assert.deepEqual(systemsWith("--scenario", "beside-0"), ["klite"]);
  assert.deepEqual(systemsWith("--group", "tier"), ["klite"]);
  assert.deepEqual(systemsWith("--group", "topics,security"), SYSTEMS.map(({ name }) => name));
});

Deno.test("of the systems asked those named are taken, and one that nothing asks is refused", () => {
  assert.deepEqual(systemsWith("--system", "klite,other"), ["klite", "other"]);
  assert.deepEqual(systemsWith("--group", "security", "--system", "klite-rights"), ["klite-rights"]);
  assert.throws(() => systemsWith("--system", "klite-rights"), /there are klite, kafka, other$/);
});
