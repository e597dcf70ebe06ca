import { deepEqual, equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { cached, cacheDir, fingerprint } from "./cache_dir.ts";

/** A cache of its own for one test, with a name that no other test uses. */
async function withCache(use: (name: string) => Promise<void>): Promise<void> {
  const before = Deno.env.get("KLITE_CACHE");
  const folder = await Deno.makeTempDir();
  Deno.env.set("KLITE_CACHE", folder);
  try {
    await use(`entry-${crypto.randomUUID()}`);
  } finally {
    if (before === undefined) Deno.env.delete("KLITE_CACHE");
    else Deno.env.set("KLITE_CACHE", before);
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a cache entry is built once, even when asked for twice at the same time", async () => {
  await withCache(async (name) => {
    let builds = 0;
    const build = async (folder: string) => {
      builds++;
      await Deno.writeTextFile(join(folder, "file"), "built");
    };
    const [first, second] = await Promise.all([cached(name, build), cached(name, build)]);
    equal(first, second);
    equal(builds, 1);
    equal(await Deno.readTextFile(join(first, "file")), "built");
  });
});

Deno.test("a build that fails leaves nothing that looks finished", async () => {
  await withCache(async (name) => {
    await rejects(cached(name, () => Promise.reject(new Error("no network"))), /no network/);
    deepEqual([...Deno.readDirSync(cacheDir())], []);
  });
});

Deno.test("a fingerprint changes with every text it is made from", async () => {
  const all = await Promise.all([fingerprint("a", "b"), fingerprint("ab"), fingerprint("a", "c")]);
  equal(new Set(all).size, 3);
});
