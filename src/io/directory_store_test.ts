import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { DirectoryStore } from "./directory_store.ts";
import type { ObjectStore } from "./object_store.ts";
import { SimClock } from "./sim/clock.ts";
import { SimDisk } from "./sim/disk.ts";
import { SimRandom } from "./sim/random.ts";

function world(seed: number) {
  const clock = new SimClock();
  const random = new SimRandom(seed);
  return { clock, random, disk: new SimDisk({ clock, random }) };
}

function storeOn({ clock, disk }: { readonly clock: SimClock; readonly disk: SimDisk }): DirectoryStore {
  return new DirectoryStore({ disk, clock, directory: "objects" });
}

const filled = (byte: number, length = 3_000) => new Uint8Array(length).fill(byte);

async function keysOf(store: ObjectStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of store.list("")) keys.push(...page.map(({ key }) => key));
  return keys;
}

Deno.test("whatever the power takes: what was acknowledged is there, what was deleted is not, the rest is whole", async () => {
  for (let seed = 0; seed < 150; seed++) {
    const before = world(seed);
    const { clock, random } = before;
    const store = storeOn(before);
    /** By key: what it may be after the cut; 0 for absent. */
    const allowed = new Map<string, Set<number>>();
    const actor = async (name: string) => {
      for (let round = 1;; round++) {
        const key = `topic-${random.below(3)}/${name}/${random.below(2)}.obj`;
        const deletes = random.chance(0.4);
        const byte = deletes ? 0 : round % 200 + 1;
        const sofar = allowed.get(key) ?? new Set([0]);
        allowed.set(key, sofar.add(byte));
        if (deletes) await store.delete([key]);
        else await store.put(key, filled(byte));
        allowed.set(key, new Set([byte]));
      }
    };
    for (const name of ["a", "b", "c"]) void actor(name);
    await clock.advance(5 + random.unit() * 300);

    // Another clock, so that nothing of the life before goes on.
    const after = { clock: new SimClock(clock.monotonicMs()), random };
    const disk = before.disk.powerCut(after);
    const found = storeOn({ clock: after.clock, disk });
    for (const [key, bytes] of allowed) {
      const info = await after.clock.run(found.head(key));
      const content = info === null ? filled(0, 1) : (await after.clock.run(found.get(key))).bytes;
      ok(bytes.has(content[0]!), `seed ${seed}: ${key} is ${content[0]}, not one of ${[...bytes]}`);
      if (info !== null) deepEqual(content, filled(content[0]!), `seed ${seed}: ${key} is whole`);
    }
    await after.clock.run(found.removeUnfinished("", 0));
    deepEqual(disk.list("objects/~unfinished"), []);
  }
});

Deno.test("an etag outlives the process, and a later object of equal size and time has another one", async () => {
  const { clock, random, disk } = world(1);
  const store = storeOn({ clock, disk });
  const { etag } = await clock.run(store.put("a/key", filled(1)));
  const again = storeOn({ clock, disk: disk.restart({ clock, random }) });
  equal((await clock.run(again.head("a/key")))?.etag, etag);
  const second = await clock.run(again.put("a/key", filled(2), { ifMatch: etag }));
  await rejects(clock.run(again.put("a/key", filled(3), { ifMatch: etag })), { code: "CONFLICT" });
  equal((await clock.run(again.head("a/key")))?.etag, second.etag);
});

Deno.test("an object that is found in the way is durable, though the one that put it was killed before it could say so", async () => {
  const { clock, random, disk } = world(1);
  const store = storeOn({ clock, disk });
  void store.put("a/b/key", filled(1));
  while (!disk.exists("objects/a/b/key")) await clock.step();
  const later = new SimClock(clock.monotonicMs());
  const killed = disk.restart({ clock: later, random });
  const again = storeOn({ clock: later, disk: killed });
  await rejects(later.run(again.put("a/b/key", filled(1), { ifAbsent: true })), { code: "CONFLICT" });
  const found = storeOn({ clock: later, disk: killed.powerCut({ clock: later, random }, 0) });
  deepEqual((await later.run(found.get("a/b/key"))).bytes, filled(1));
});

Deno.test("folders go with their last object", async () => {
  const { clock, disk } = world(1);
  const store = storeOn({ clock, disk });
  for (const key of ["a/b/c/1", "a/b/c/2", "a/d/1"]) await clock.run(store.put(key, filled(1)));
  await clock.run(store.delete(["a/b/c/1"]));
  ok(disk.exists("objects/a/b/c"));
  await clock.run(store.delete(["a/b/c/2"]));
  ok(!disk.exists("objects/a/b") && disk.exists("objects/a/d"));
  await clock.run(store.delete(["a/d/1"]));
  ok(!disk.exists("objects/a") && disk.exists("objects"));
});

Deno.test("a full disk and a failing one are told apart, and leave nothing behind", async () => {
  const { clock, disk } = world(1);
  const store = storeOn({ clock, disk });
  await clock.run(store.put("a", filled(1)));
  disk.faults.quotaBytes = 4_000;
  await rejects(clock.run(store.put("b", filled(2))), { code: "DISK_FULL", retriable: true });
  disk.faults.quotaBytes = Infinity;
  disk.faults.writeFailures = 1;
  await rejects(clock.run(store.put("b", filled(2))), { code: "STORE_UNAVAILABLE", retriable: true });
  disk.faults.syncFailures = 1;
  await rejects(clock.run(store.put("b", filled(2))), { code: "STORE_UNAVAILABLE" });
  deepEqual(await clock.run(keysOf(store)), ["a"]);
  deepEqual(disk.list("objects/~unfinished"), []);
});
