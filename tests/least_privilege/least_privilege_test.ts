import assert from "node:assert/strict";
import { notYetByFlag } from "../../src/cli/not_yet.ts";
import { variableName, variableOf } from "../../src/cli/option.ts";
import { startOptions } from "../../src/cli/options.ts";
import { lacksS3Server } from "../support/s3_server.ts";
import { exercise } from "./exercise.ts";
import { type PermissionKind, placedSet, shippedSet, without } from "./permission_set.ts";
import { unusedOf } from "./restricted_broker.ts";
import { PrivilegeWorld } from "./world.ts";

const ignore = await lacksS3Server();

Deno.test("the permission set has the variable of every option, and no other of klite's", async () => {
  const ofOptions = Object.values(startOptions).flatMap((option) => variableOf(option) ?? []);
  const due = new Set([...ofOptions, ...[...notYetByFlag.keys()].map(variableName)]);
  const given = (await shippedSet()).env.filter((name) => name.startsWith("KLITE_"));
  assert.deepEqual(given, [...due].toSorted());
});

Deno.test("the permission set names everything: nothing in it stands for more than itself", async () => {
  const set = await shippedSet();
  assert.deepEqual(Object.keys(set).toSorted(), ["env", "net", "read", "write"]);
  for (const names of Object.values(set)) for (const name of names) assert.doesNotMatch(name, /\*/);
  for (const address of set.net) assert.match(address, /^[\w.-]+:\d+$/);
  for (const path of [...set.read, ...set.write]) assert.match(path, /^[\w.]+$/);
});

Deno.test({
  name:
    "with the permission set and no more a broker does everything, its bucket included; each permission is asked for",
  ignore,
  fn: async () => {
    await using world = await PrivilegeWorld.open();
    const set = placedSet(await shippedSet(), world.places);
    await using broker = await world.start(set);
    await exercise(broker, world);
    assert.deepEqual(unusedOf(set, await broker.asked()), []);
    assert.equal(await broker.stop(), 0);
  },
});

Deno.test({
  name: "without any one of its permissions something does not work",
  ignore,
  fn: async (test) => {
    await using world = await PrivilegeWorld.open();
    const set = placedSet(await shippedSet(), world.places);
    const cases: readonly (readonly [PermissionKind, readonly string[]])[] = [
      ["net", set.net],
      ["read", set.read],
      ["write", set.write],
      // That each of the others is asked for, another test shows.
      ["env", ["KLITE_LOG_LEVEL", "AWS_ACCESS_KEY_ID"]],
    ];
    for (const [kind, names] of cases) {
      for (const name of names) {
        await test.step(`${kind} ${name}`, async () => {
          const failing = async () => {
            await using broker = await world.start(without(set, kind, name));
            await exercise(broker, world);
          };
          await assert.rejects(failing, new RegExp(`Requires ${kind} access`));
        });
      }
    }
  },
});
