/** Data directories that klite does not touch, and what it says about them. */
import assert from "node:assert/strict";
import { createTopic, produce, readAll, textBatch } from "../support/requests.ts";
import { DataDir } from "./data_dir.ts";

Deno.test("a second klite on the same data directory is refused, and the first goes on", async () => {
  await using dir = await DataDir.make();
  await dir.live("stop", async (client) => {
    const topic = await createTopic(client, "locked");
    const said = await dir.refusal();
    assert.match(said, /another klite uses this data directory/);
    assert.ok(said.includes(dir.path), "it says which");
    assert.equal((await produce(client, topic, textBatch(["x"]))).baseOffset, 0);
  });
});

Deno.test("a data directory of another cluster is refused, and left as it is", async () => {
  await using dir = await DataDir.make();
  const ours = { flags: ["--cluster-id=ours"] };
  const topic = await dir.live("stop", (client) => createTopic(client, "mine"), ours);
  const said = await dir.refusal({ flags: ["--cluster-id=theirs"] });
  assert.match(said, /belongs to cluster ours, not to theirs/);
  for (const options of [ours, {}]) {
    await dir.live("stop", async (client) => {
      assert.notEqual((await produce(client, topic, textBatch(["x"]))).baseOffset, -1);
    }, options);
  }
});

Deno.test("a data directory without its identity, or of a newer klite, is refused", async () => {
  await using dir = await DataDir.make();
  const topic = await dir.live("stop", async (client) => {
    const made = await createTopic(client, "mine");
    await produce(client, made, textBatch(["kept"]));
    return made;
  });
  const file = `${dir.path}/klite.json`;
  const identity = await Deno.readTextFile(file);
  await Deno.remove(file);
  assert.match(await dir.refusal(), /has a log but no klite\.json/);
  await Deno.writeTextFile(file, identity.replace('"format":2', '"format":999'));
  assert.match(await dir.refusal(), /newer klite/);
  await Deno.writeTextFile(file, identity.slice(0, -5));
  assert.match(await dir.refusal(), /no JSON/);
  await Deno.writeTextFile(file, identity);
  const records = await dir.live("stop", (client) => readAll(client, topic));
  assert.deepEqual(records.map(({ value }) => value), ["kept"]);
});
